import type { RunSummary } from '@quarry/contracts'
import { useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../../ui/use-format.ts'
import { faultOf, latencyMs } from '../run-figures.ts'
import classes from './status-strip.module.css'

const MOST_BARS = 120

interface StatusStripProps {
  /** Newest first. */
  readonly runs: readonly RunSummary[]
  readonly onOpen: (rep: number) => void
}

/** The latest runs at a glance, the newest on the right, each with its words below and its details behind it. */
export function StatusStrip({ runs, onOpen }: StatusStripProps) {
  const { t } = useTranslation()
  const words = useRunLine()
  const shown = runs.slice(0, MOST_BARS).reverse()
  const [at, setAt] = useState<number>()
  const stop = at ?? shown.length - 1
  const delivered = shown.filter((run) => run.outcome.kind === 'page').length
  const all = t('runs.strip', { delivered, failed: shown.length - delivered })
  const pointed = at === undefined ? undefined : shown[at]
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = Math.min(shown.length - 1, Math.max(0, stop + step))
    const bars = event.currentTarget.querySelectorAll('button')
    bars[next]?.focus()
  }
  return (
    <>
      <div
        className={classes.strip}
        role="group"
        aria-label={all}
        onKeyDown={move}
        onMouseLeave={() => setAt(undefined)}
      >
        {Array.from({ length: MOST_BARS - shown.length }, (_, gap) => (
          <span key={`gap${gap}`} className={classes.bar} />
        ))}
        {shown.map((run, index) => (
          <button
            key={run.rep}
            type="button"
            className={classes.bar}
            data-outcome={faultOf(run) ?? 'page'}
            aria-label={words(run)}
            tabIndex={index === stop ? 0 : -1}
            onMouseEnter={() => setAt(index)}
            onFocus={() => setAt(index)}
            onClick={() => onOpen(run.rep)}
          />
        ))}
      </div>
      <p className={classes.line} aria-hidden="true">
        {pointed === undefined ? all : words(pointed)}
      </p>
    </>
  )
}

function useRunLine(): (run: RunSummary) => string {
  const { t } = useTranslation()
  const format = useFormat()
  return (run) => {
    const fault = faultOf(run)
    const latency = latencyMs(run)
    return [
      t('runs.heading', { number: run.rep + 1 }),
      format.dateTime(run.dueAt, { seconds: true }),
      run.outcome.kind === 'page'
        ? `${t('order.delivered')} · ${run.outcome.status}`
        : t(`failures.${run.outcome.reason}`),
      ...(fault === undefined ? [] : [`${t('runs.fault')}: ${t(`faults.${fault}`)}`]),
      ...(latency === undefined ? [] : [format.duration(latency)]),
    ].join(' · ')
  }
}
