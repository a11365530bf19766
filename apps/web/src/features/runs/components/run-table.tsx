import { UnstyledButton } from '@mantine/core'
import type { RunResult } from '@quarry/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { LoadMore } from '../../../ui/load-more.tsx'
import { OutcomeWords } from '../../../ui/outcome-words.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { runsQuery } from '../api/list-runs.ts'
import { faultOf, latencyMs, latenessMs } from '../run-figures.ts'
import { StatusStrip } from './status-strip.tsx'

const RunDrawer = lazy(async () => ({ default: (await import('./run-drawer.tsx')).RunDrawer }))

/** The runs of an order, each opening its details. */
export function RunTable({ orderId }: { orderId: string }) {
  const { t } = useTranslation()
  const runs = useInfiniteQuery(runsQuery(orderId))
  const [open, setOpen] = useState<RunResult>()
  return (
    <Surface title={t('runs.title')}>
      {runs.isPending && <TableSkeleton rows={4} />}
      {runs.isError && !runs.data && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.data && <RunRows runs={runs.data.pages.flatMap((page) => page.items)} onOpen={setOpen} />}
      <LoadMore {...runs} />
      <Suspense>{open && <RunDrawer run={open} onClose={() => setOpen(undefined)} />}</Suspense>
    </Surface>
  )
}

interface RunRowsProps {
  readonly runs: readonly RunResult[]
  readonly onOpen: (run: RunResult) => void
}

function RunRows({ runs, onOpen }: RunRowsProps) {
  const { t } = useTranslation()
  if (runs.length === 0) {
    const action = <Link to="/account">{t('runs.emptyAction')}</Link>
    return <EmptyState title={t('runs.emptyTitle')} text={t('runs.emptyText')} action={action} />
  }
  return (
    <>
      <StatusStrip runs={runs} />
      <table className={table.table} aria-label={t('runs.caption')}>
        <thead>
          <tr>
            <th scope="col">{t('runs.number')}</th>
            <th scope="col">{t('runs.outcome')}</th>
            <th scope="col" className={table.wide}>
              {t('runs.due')}
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('runs.lateness')}
            </th>
            <th scope="col" className={table.number}>
              {t('runs.latency')}
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('runs.size')}
            </th>
            <th scope="col" className={table.wide}>
              {t('runs.fault')}
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('runs.attempt')}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.jobId} run={run} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function RunRow({ run, onOpen }: { run: RunResult; onOpen: (run: RunResult) => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const none = t('runs.none')
  const latency = latencyMs(run)
  const fault = faultOf(run)
  return (
    <tr>
      <td>
        <UnstyledButton
          className={table.cover}
          fz="sm"
          fw={600}
          aria-label={t('runs.open', { number: run.rep + 1 })}
          onClick={() => onOpen(run)}
        >
          {run.rep + 1}
        </UnstyledButton>
      </td>
      <td>
        <OutcomeWords outcome={run.outcome} />
      </td>
      <td className={`${table.wide} ${table.wrapless}`}>
        <RelativeTime at={run.dueAt} />
      </td>
      <td className={`${table.number} ${table.wide}`}>{run.attempt === 0 ? none : format.duration(latenessMs(run))}</td>
      <td className={table.number}>{latency === undefined ? none : format.duration(latency)}</td>
      <td className={`${table.number} ${table.wide}`}>
        {run.outcome.kind === 'page' ? format.bytes(run.outcome.content.sizeBytes) : none}
      </td>
      <td className={table.wide}>{fault === undefined ? none : t(`faults.${fault}`)}</td>
      <td className={`${table.number} ${table.wide}`}>{run.attempt === 0 ? none : run.attempt}</td>
    </tr>
  )
}
