import { SegmentedControl, VisuallyHidden } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './chart.module.css'
import table from './table.module.css'

/** One kind of bar: `up` stands above the line, `down` below it. */
export interface ChartSeries {
  readonly label: string
  readonly tone: 'up' | 'down'
  /** One for each label of the chart; not negative. */
  readonly values: readonly number[]
}

interface ChartProps {
  readonly title: string
  /** What stands below the bars, oldest first. */
  readonly labels: readonly string[]
  readonly series: readonly ChartSeries[]
  readonly format: (value: number) => string
  /** Heading of the first column of the table. */
  readonly period: string
}

/** Bars over time, and the same figures as a table for whoever cannot see them or wants to copy them. */
export function Chart({ title, labels, series, format, period }: ChartProps) {
  const { t } = useTranslation()
  const [view, setView] = useState<'bars' | 'table'>('bars')
  const id = useId()
  const highest = Math.max(1, ...series.flatMap(({ values }) => values))
  return (
    <figure className={classes.figure} aria-labelledby={id}>
      <figcaption className={classes.head}>
        <VisuallyHidden id={id}>{title}</VisuallyHidden>
        <ul className={classes.legend}>
          {series.map(({ label, tone }) => (
            <li key={label} data-tone={tone}>
              {label}
            </li>
          ))}
        </ul>
        <SegmentedControl
          size="xs"
          aria-label={t('app.view')}
          value={view}
          onChange={(next) => setView(next)}
          data={[
            { value: 'bars', label: t('app.bars') },
            { value: 'table', label: t('app.table') },
          ]}
        />
      </figcaption>
      {view === 'bars' ? (
        <div className={classes.plot} role="img" aria-label={`${title}. ${t('app.asTable')}`}>
          {labels.map((label, index) => (
            <div key={label} className={classes.column} title={tipOf(label, index)}>
              {series.map(({ label: name, tone, values }) => (
                <div key={name} className={classes.half} data-tone={tone}>
                  <div
                    className={classes.bar}
                    data-tone={tone}
                    style={{ height: `${((values[index] ?? 0) / highest) * 100}%` }}
                  />
                </div>
              ))}
            </div>
          ))}
        </div>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={title}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{period}</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" className={table.number}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels
                .map((label, index) => (
                  <tr key={label}>
                    <td>{label}</td>
                    {series.map(({ label: name, values }) => (
                      <td key={name} className={table.number}>
                        {format(values[index] ?? 0)}
                      </td>
                    ))}
                  </tr>
                ))
                .toReversed()}
            </tbody>
          </table>
        </div>
      )}
      {view === 'bars' && (
        <div className={classes.ends} aria-hidden="true">
          <span>{labels[0]}</span>
          <span>{labels.at(-1)}</span>
        </div>
      )}
    </figure>
  )

  function tipOf(label: string, index: number): string {
    return [label, ...series.map(({ label: name, values }) => `${name}: ${format(values[index] ?? 0)}`)].join('\n')
  }
}
