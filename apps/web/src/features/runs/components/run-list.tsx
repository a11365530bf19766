import { UnstyledButton } from '@mantine/core'
import type { RunSummary } from '@quarry/contracts'
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { faultOf, latencyMs, latenessMs } from '../run-figures.ts'
import classes from './run-list.module.css'
import { RunWords } from './run-words.tsx'

const ROW_PX = 44
/** No window of the list is higher. */
const VIEW_PX = 520
/** Rows drawn above and below the window, so that a quick scroll shows no gap. */
const SPARE_ROWS = 12

/** Rows of which only those in view are read and drawn. */
export interface RunRows {
  readonly count: number
  /** Rises by one with each run that came in above; rows in view then stay where they are. */
  readonly newest: number
  /** Undefined while it is read, null when there is no such run. */
  readonly at: (index: number) => RunSummary | null | undefined
  /** Which rows are in view now. */
  readonly shows: (first: number, last: number) => void
  /** The number of the row's run, as the customer counts them from 1. */
  readonly numberAt: (index: number) => number | undefined
}

interface RunListProps {
  readonly rows: RunRows
  readonly onOpen: (rep: number) => void
}

/** Any number of runs in a window of their own, of which some thirty are in the document. */
export function RunList({ rows, onOpen }: RunListProps) {
  const { t } = useTranslation()
  const scroll = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useStillness(scroll, rows.newest)
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS)
  const last = Math.min(rows.count - 1, Math.ceil((top + VIEW_PX) / ROW_PX) + SPARE_ROWS)
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset)
  const { shows } = rows
  useEffect(() => shows(first, last), [shows, first, last])
  return (
    <div role="table" aria-label={t('runs.caption')} aria-rowcount={rows.count + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.head}`}>
          <span role="columnheader">{t('runs.number')}</span>
          <span role="columnheader">{t('runs.outcome')}</span>
          <span role="columnheader" className={classes.wide}>
            {t('runs.due')}
          </span>
          <span role="columnheader" className={`${classes.number} ${classes.wide}`}>
            {t('runs.lateness')}
          </span>
          <span role="columnheader" className={classes.number}>
            {t('runs.latency')}
          </span>
          <span role="columnheader" className={`${classes.number} ${classes.wide}`}>
            {t('runs.size')}
          </span>
          <span role="columnheader" className={classes.wide}>
            {t('runs.fault')}
          </span>
          <span role="columnheader" className={`${classes.number} ${classes.wide}`}>
            {t('runs.attempt')}
          </span>
        </div>
      </div>
      <div
        ref={scroll}
        className={classes.scroll}
        role="rowgroup"
        data-runs
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div className={classes.space} style={{ height: rows.count * ROW_PX }} role="presentation">
          {indexes.map((index) => (
            <div
              key={rows.numberAt(index) ?? `row${index}`}
              role="row"
              aria-rowindex={index + 2}
              className={`${classes.row} ${classes.placed}`}
              style={{ transform: `translateY(${index * ROW_PX}px)` }}
            >
              <RunCells number={rows.numberAt(index)} run={rows.at(index)} onOpen={onOpen} />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

/** Runs that come in above must not move what somebody is reading; at the top they are what one wants to see. */
function useStillness(scroll: React.RefObject<HTMLDivElement | null>, newest: number): void {
  const before = useRef(newest)
  useLayoutEffect(() => {
    const added = newest - before.current
    before.current = newest
    const element = scroll.current
    if (added > 0 && element !== null && element.scrollTop > ROW_PX) element.scrollBy(0, added * ROW_PX)
  }, [scroll, newest])
}

interface RunCellsProps {
  readonly number: number | undefined
  readonly run: RunSummary | null | undefined
  readonly onOpen: (rep: number) => void
}

/** Memorised: while somebody scrolls, only rows that come into view are drawn. */
const RunCells = memo(function RunCells({ number, run, onOpen }: RunCellsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const none = t('runs.none')
  if (run === null || run === undefined) {
    return (
      <>
        <span role="cell">{number}</span>
        <span role="cell">{run === null ? t('runs.notKept') : '…'}</span>
      </>
    )
  }
  const latency = latencyMs(run)
  const fault = faultOf(run)
  return (
    <>
      <span role="cell">
        <UnstyledButton
          className={classes.button}
          fz="sm"
          aria-label={t('runs.open', { number: run.rep + 1 })}
          onClick={() => onOpen(run.rep)}
        >
          {run.rep + 1}
        </UnstyledButton>
      </span>
      <span role="cell">
        <RunWords run={run} />
      </span>
      <span role="cell" className={classes.wide}>
        <RelativeTime at={run.dueAt} />
      </span>
      <span role="cell" className={`${classes.number} ${classes.wide}`}>
        {run.attempt === 0 ? none : format.duration(latenessMs(run))}
      </span>
      <span role="cell" className={classes.number}>
        {latency === undefined ? none : format.duration(latency)}
      </span>
      <span role="cell" className={`${classes.number} ${classes.wide}`}>
        {run.outcome.kind === 'page' ? format.bytes(run.outcome.sizeBytes) : none}
      </span>
      <span role="cell" className={classes.wide}>
        {fault === undefined ? none : t(`faults.${fault}`)}
      </span>
      <span role="cell" className={`${classes.number} ${classes.wide}`}>
        {run.attempt === 0 ? none : run.attempt}
      </span>
    </>
  )
})
