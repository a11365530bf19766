import { Alert, Anchor, Text } from '@mantine/core'
import type { OrderPreview } from '@quarry/contracts'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { type OrderFormValues, orderOfForm } from '../order-form.ts'
import { scheduleSentence, type ToldSchedule } from '../schedule-sentence.ts'
import classes from './order-summary.module.css'
import { useCronWords } from './use-cron-words.ts'

interface OrderSummaryProps {
  readonly values: OrderFormValues
  readonly preview: OrderPreview | undefined
  /** The preview is of values that have changed since. */
  readonly stale: boolean
  readonly children: ReactNode
}

/** Cost, end and first runs of the order as it stands in the form. Announced when it has settled. */
export function OrderSummary({ values, preview, stale, children }: OrderSummaryProps) {
  const { t } = useTranslation()
  return (
    <Surface title={t('form.summary')}>
      <div className={classes.body} data-stale={stale} aria-live="polite" aria-busy={stale}>
        {preview === undefined ? (
          <Text c="dimmed">{t('form.summaryWaiting')}</Text>
        ) : (
          <PreviewWords values={values} preview={preview} />
        )}
      </div>
      {children}
    </Surface>
  )
}

function PreviewWords({ values, preview }: { values: OrderFormValues; preview: OrderPreview }) {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const zoned = values.kind === 'cron' || (values.kind === 'interval' && values.windows.length > 0)
  const zone = zoned ? { timeZone: values.timeZone } : {}
  const jitterMs = values.kind === 'once' ? 0 : Number(values.jitterMinutes) * 60_000
  const sentence = useSentence(values)
  const missing = preview.costCoins - preview.balanceCoins
  const cost = t('form.costOf', {
    pages: t('form.pages', { count: preview.repetitions }),
    price: t('app.coins', { count: Number(values.priceCoins) }),
  })
  return (
    <>
      <div>
        <h3 className={classes.label}>{t('plan.inWords')}</h3>
        <p className={classes.sentence}>{sentence}.</p>
      </div>
      <p className={classes.cost}>
        <span className={classes.figure}>{preview.costCoins.toLocaleString(i18n.language)}</span>{' '}
        {t('app.coins', { count: preview.costCoins }).replace(/^\S+\s/, '')}
        <Text size="xs" c="dimmed">
          {cost}
        </Text>
      </p>
      <div>
        <h3 className={classes.label}>{t('form.nextRuns')}</h3>
        <ol className={classes.times}>
          {preview.nextDueAt.map((at) => (
            <li key={at}>
              <ExactTime at={at} seconds {...zone} />
            </li>
          ))}
        </ol>
        {jitterMs > 0 && (
          <Text size="xs" c="dimmed">
            {t('plan.jitterNote', { time: format.duration(jitterMs) })}
          </Text>
        )}
        {zoned && (
          <Text size="xs" c="dimmed">
            {t('form.zoneNote', { zone: values.timeZone })}
          </Text>
        )}
      </div>
      {preview.endsAt !== undefined && (
        <div>
          <h3 className={classes.label}>{t('form.ends')}</h3>
          <ExactTime at={preview.endsAt} seconds {...zone} />
        </div>
      )}
      {missing > 0 ? (
        <Alert color="yellow" variant="light" title={t('form.tooDear', { count: missing })}>
          <Anchor renderRoot={(props) => <Link to="/wallet" {...props} />} size="sm">
            {t('form.toWallet')}
          </Anchor>
        </Alert>
      ) : (
        <div>
          <h3 className={classes.label}>{t('form.balanceAfter')}</h3>
          {t('app.coins', { count: -missing })}
        </div>
      )}
    </>
  )
}

/** When the order in the form would run, in words. */
function useSentence(values: OrderFormValues): string {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const cronWords = useCronWords(values.kind === 'cron' ? values.expression : undefined)
  const { schedule, repetitions, until } = orderOfForm(values)
  const told = {
    schedule: withoutGaps(schedule),
    ...(repetitions !== undefined && { repetitions }),
    ...(until !== undefined && { until }),
    ...(cronWords !== undefined && { cronWords }),
  }
  return scheduleSentence({ t, language: i18n.language }, format, told as ToldSchedule)
}

/** Without what is present but undefined, which the words would tell of. */
function withoutGaps<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
}
