import { SegmentedControl, Stack } from '@mantine/core'
import type { RunFilter } from '@quarry/contracts'
import type { ExtractField } from '@quarry/domain'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import { latestRunsQuery } from '../api/get-timeline.ts'
import { ExportMenu } from './export-menu.tsx'
import { RunList } from './run-list.tsx'
import { StatusStrip } from './status-strip.tsx'
import { useAllRuns, useFilteredRuns } from './use-run-rows.ts'
import { VersionsPanel } from './versions-panel.tsx'

const RunDrawer = lazy(async () => ({ default: (await import('./run-drawer.tsx')).RunDrawer }))
const RunChart = lazy(async () => ({ default: (await import('./run-chart.tsx')).RunChart }))

const filters = ['all', 'page', 'failure', 'target', 'miner', 'platform'] as const
type Filter = (typeof filters)[number]

interface RunTableProps {
  readonly orderId: string
  readonly extract?: readonly ExtractField[] | undefined
}

/** The runs of an order: at a glance, over time, one by one, and by what they brought. */
export function RunTable({ orderId, extract }: RunTableProps) {
  const { t } = useTranslation()
  const latest = useQuery(latestRunsQuery(orderId))
  const [open, setOpen] = useState<number>()
  const [filter, setFilter] = useState<Filter>('all')
  const runs = latest.data
  const newest = runs?.[0]?.rep ?? -1
  const empty = runs !== undefined && newest < 0
  return (
    <>
      <Surface title={t('runs.title')} aside={!empty && <ExportMenu orderId={orderId} />}>
        {latest.isPending && <TableSkeleton rows={4} />}
        {latest.isError && !runs && <ErrorNote error={latest.error} onRetry={() => void latest.refetch()} />}
        {empty && (
          <EmptyState
            title={t('runs.emptyTitle')}
            text={t('runs.emptyText')}
            action={<Link to="/account">{t('runs.emptyAction')}</Link>}
          />
        )}
        {runs !== undefined && !empty && (
          <Stack gap="sm">
            <StatusStrip runs={runs} onOpen={setOpen} />
            <Suspense fallback={<div style={{ minHeight: 240 }} />}>
              <RunChart runs={runs} />
            </Suspense>
            <SegmentedControl
              aria-label={t('runs.filter')}
              data={filters.map((value) => ({ value, label: t(`runFilters.${value}`) }))}
              value={filter}
              onChange={(value) => setFilter(value)}
              style={{ overflowX: 'auto', maxWidth: '100%' }}
            />
            {filter === 'all' ? (
              <AllRuns orderId={orderId} newest={newest} onOpen={setOpen} />
            ) : (
              <FilteredRuns key={filter} orderId={orderId} only={filter} onOpen={setOpen} />
            )}
          </Stack>
        )}
        <Suspense>
          {open !== undefined && (
            <RunDrawer key={open} orderId={orderId} rep={open} extract={extract} onClose={() => setOpen(undefined)} />
          )}
        </Suspense>
      </Surface>
      {runs?.some((run) => run.outcome.kind === 'page') && <VersionsPanel orderId={orderId} />}
    </>
  )
}

interface ListProps {
  readonly orderId: string
  readonly onOpen: (rep: number) => void
}

function AllRuns({ orderId, newest, onOpen }: ListProps & { readonly newest: number }) {
  return <RunList rows={useAllRuns(orderId, newest)} onOpen={onOpen} />
}

function FilteredRuns({ orderId, only, onOpen }: ListProps & { readonly only: RunFilter }) {
  const { t } = useTranslation()
  const rows = useFilteredRuns(orderId, only)
  if (rows.isPending) return <TableSkeleton rows={4} />
  if (rows.count === 0) return <p>{t('runs.noneOfThese')}</p>
  return <RunList rows={rows} onOpen={onOpen} />
}
