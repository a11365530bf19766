import { Drawer, Skeleton, Stack } from '@mantine/core'
import type { ExtractField, PageOutcome, RunResult } from '@quarry/domain'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Coins } from '../../../ui/coins.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { OutcomeWords } from '../../../ui/outcome-words.tsx'
import { useFocusReturn } from '../../../ui/use-focus-return.ts'
import { useFormat } from '../../../ui/use-format.ts'
import { runQuery } from '../api/get-run.ts'
import { faultOf, latencyMs, latenessMs, statusOf } from '../run-figures.ts'
import classes from './run-drawer.module.css'
import { RunExtract } from './run-extract.tsx'
import { RunPreview } from './run-preview.tsx'

interface RunDrawerProps {
  readonly orderId: string
  readonly rep: number
  readonly extract?: readonly ExtractField[] | undefined
  readonly onClose: () => void
}

/** Everything known about one run. */
export function RunDrawer({ orderId, rep, extract, onClose }: RunDrawerProps) {
  const { t } = useTranslation()
  const run = useQuery(runQuery(orderId, rep))
  useFocusReturn(true)
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={t('runs.heading', { number: rep + 1 })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {run.isPending && <Skeleton h={320} />}
      <ErrorNote error={run.error} />
      {run.data && <RunDetails run={run.data} extract={extract} />}
    </Drawer>
  )
}

function RunDetails({ run, extract }: { run: RunResult; extract: readonly ExtractField[] | undefined }) {
  const { t } = useTranslation()
  const { outcome } = run
  return (
    <Stack gap="lg">
      <OutcomeWords outcome={outcome} />
      <Part title={t('runs.details')}>
        <RunFacts run={run} />
      </Part>
      {outcome.kind === 'page' ? (
        <>
          <Part title={t('runs.redirects')}>
            <Redirects outcome={outcome} />
          </Part>
          <Part title={t('runs.preview')}>
            <RunPreview run={run} headers={outcome.headers} />
          </Part>
          {extract !== undefined && extract.length > 0 && (
            <Part title={t('runs.extracted')}>
              <RunExtract run={run} fields={extract} />
            </Part>
          )}
          <Part title={t('runs.headers')}>
            <HeaderTable outcome={outcome} />
          </Part>
        </>
      ) : (
        <Part title={t('runs.whatHappened')}>{outcome.detail}</Part>
      )}
    </Stack>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={classes.title}>{title}</h3>
      {children}
    </section>
  )
}

function RunFacts({ run }: { run: RunResult }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { outcome } = run
  const latency = latencyMs(run)
  const fault = faultOf(run)
  const status = statusOf(run)
  const facts: (readonly [string, ReactNode] | false)[] = [
    [t('runs.due'), <ExactTime key="due" at={run.dueAt} seconds />],
    run.attempt > 0 && [t('runs.started'), <ExactTime key="started" at={run.startedAt} seconds />],
    [t('runs.finished'), <ExactTime key="finished" at={run.finishedAt} seconds />],
    run.attempt > 0 && [t('runs.lateness'), format.duration(latenessMs(run))],
    outcome.kind === 'page' && [t('runs.firstByte'), format.duration(outcome.timings.firstByteMs)],
    latency !== undefined && [t('runs.total'), format.duration(latency)],
    status !== undefined && [t('runs.status'), status],
    fault !== undefined && [t('runs.fault'), t(`faults.${fault}`)],
    [t('runs.attempt'), run.attempt],
    [outcome.kind === 'page' ? t('runs.priceOf') : t('runs.refundedOf'), <Coins key="coins" amount={run.priceCoins} />],
    outcome.kind === 'page' && [
      t('runs.stored'),
      t('runs.storedOf', {
        size: format.bytes(outcome.content.sizeBytes),
        stored: format.bytes(outcome.content.storedBytes),
      }),
    ],
    outcome.kind === 'page' && [
      t('runs.hash'),
      <code key="hash" className={classes.code}>
        {outcome.content.sha256}
      </code>,
    ],
  ]
  return <Facts items={facts.filter((fact) => fact !== false)} />
}

function Redirects({ outcome }: { outcome: PageOutcome }) {
  const { t } = useTranslation()
  return (
    <>
      {outcome.redirects.length === 0 && t('runs.noRedirects')}
      <ol className={classes.hops}>
        {outcome.redirects.map((hop, index) => (
          <li key={index}>
            {hop.status} · {hop.url}
          </li>
        ))}
        {outcome.redirects.length > 0 && (
          <li>
            {outcome.status} · {outcome.finalUrl}
          </li>
        )}
      </ol>
    </>
  )
}

function HeaderTable({ outcome }: { outcome: PageOutcome }) {
  const { t } = useTranslation()
  return (
    <table className={classes.headers} aria-label={t('runs.headers')}>
      <thead>
        <tr>
          <th scope="col">{t('runs.headerName')}</th>
          <th scope="col">{t('runs.headerValue')}</th>
        </tr>
      </thead>
      <tbody>
        {outcome.headers.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
