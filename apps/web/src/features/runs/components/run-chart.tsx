import { SegmentedControl, useComputedColorScheme } from '@mantine/core'
import type { RunSummary } from '@quarry/contracts'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { latencyMs, latenessMs } from '../run-figures.ts'
import classes from './run-chart.module.css'

const HEIGHT_PX = 180
const figures = ['latency', 'lateness', 'size'] as const
type Figure = (typeof figures)[number]

/** How long runs took, how late they were or how large their pages, over time, and the same as a table. */
export function RunChart({ runs }: { runs: readonly RunSummary[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const [figure, setFigure] = useState<Figure>('latency')
  const points = useMemo(() => [...runs].reverse(), [runs])
  const show = (value: number) => (figure === 'size' ? format.bytes(value) : format.duration(value))
  return (
    <div>
      <SegmentedControl
        aria-label={t('runs.chart')}
        data={figures.map((value) => ({ value, label: t(`runs.${value}`) }))}
        value={figure}
        onChange={(value) => setFigure(value)}
      />
      <Plot points={points} figure={figure} />
      <details>
        <summary>{t('runs.asTable')}</summary>
        <div className={classes.table} tabIndex={0} role="region" aria-label={t(`runs.${figure}`)}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{t('runs.number')}</th>
                <th scope="col">{t('runs.due')}</th>
                <th scope="col" className={table.number}>
                  {t(`runs.${figure}`)}
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => {
                const value = valueOf(run, figure)
                return (
                  <tr key={run.rep}>
                    <td>{run.rep + 1}</td>
                    <td>{format.dateTime(run.dueAt, { seconds: true })}</td>
                    <td className={table.number}>{value === null ? t('runs.none') : show(value)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  )
}

function valueOf(run: RunSummary, figure: Figure): number | null {
  if (figure === 'latency') return latencyMs(run) ?? null
  if (figure === 'lateness') return run.attempt === 0 ? null : latenessMs(run)
  return run.outcome.kind === 'page' ? run.outcome.sizeBytes : null
}

/** Of a single run uPlot would show years; its minute says more. Unix seconds. */
function spanOf(first: number, last: number): [number, number] {
  return first === last ? [first - 30, last + 30] : [first, last]
}

interface PlotProps {
  readonly points: readonly RunSummary[]
  readonly figure: Figure
}

function Plot({ points, figure }: PlotProps) {
  const format = useFormat()
  const holder = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme()
  useEffect(() => {
    const element = holder.current
    if (element === null) return
    const show = (value: number) => (figure === 'size' ? format.bytes(value) : format.duration(value))
    const style = getComputedStyle(element)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--mantine-color-dimmed'),
      grid: { stroke: colour('--q-line'), width: 1 },
      ticks: { show: false },
    }
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false },
        scales: {
          x: { range: (_, first, last) => spanOf(first, last) },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
          {
            ...axis,
            values: (_, splits, ...[, , step = 1]) => splits.map((at) => format.tick(at * 1000, step * 1000)),
          },
          { ...axis, size: 72, values: (_, splits) => splits.map(show) },
        ],
        series: [
          {},
          { stroke: colour('--q-ok'), fill: `${colour('--q-ok')}22`, width: 1.5, points: { show: points.length < 60 } },
        ],
      },
      [points.map((run) => run.dueAt / 1000), points.map((run) => valueOf(run, figure))],
      element,
    )
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [points, figure, scheme, format])
  return <div ref={holder} className={classes.chart} aria-hidden="true" />
}
