import { Alert, Anchor, Text } from '@mantine/core'
import type { OrderPreview } from '@quarry/contracts'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import type { OrderFormValues } from '../order-form.ts'
import classes from './order-summary.module.css'

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
  const pages = values.kind === 'once' ? 1 : Number(values.repetitions)
  const zone = values.kind === 'cron' ? { timeZone: values.timeZone } : {}
  const missing = preview.costCoins - preview.balanceCoins
  const cost = t('form.costOf', {
    pages: t('form.pages', { count: pages }),
    price: t('app.coins', { count: Number(values.priceCoins) }),
  })
  return (
    <>
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
        {values.kind === 'cron' && (
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
