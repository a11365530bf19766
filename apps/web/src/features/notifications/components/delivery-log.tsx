import { Button, Text } from '@mantine/core'
import type { DeliveryView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { resendDelivery } from '../api/change-endpoint.ts'
import { deliveriesQuery } from '../api/notifications-query.ts'
import { wordOf } from '../event-types.ts'

const tones = { delivered: 'ok', waiting: 'wait', 'given-up': 'bad' } as const

/** The last deliveries of a webhook, newest first. */
export function DeliveryLog({ endpointId }: { endpointId: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const cache = useQueryClient()
  const log = useQuery(deliveriesQuery(endpointId))
  const resend = useMutation({
    mutationFn: (eventId: string) => resendDelivery(endpointId, eventId),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.notifications }),
  })
  if (log.isPending) return <TableSkeleton rows={3} />
  if (!log.data) return <ErrorNote error={log.error} onRetry={() => void log.refetch()} />
  if (log.data.length === 0) return <Text c="dimmed">{t('notifications.logEmpty')}</Text>
  return (
    <>
      <ErrorNote error={resend.error} />
      <table className={table.table} aria-label={t('notifications.logCaption')}>
        <thead>
          <tr>
            <th scope="col">{t('notifications.event')}</th>
            <th scope="col">{t('notifications.outcome')}</th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('notifications.took')}
            </th>
            <th scope="col" className={table.number}>
              {t('notifications.again')}
            </th>
          </tr>
        </thead>
        <tbody>
          {log.data.map((line) => (
            <tr key={line.eventId}>
              <td>
                {t(`notifications.short.${wordOf(line.type)}`)}
                <Text size="xs" c="dimmed">
                  <RelativeTime at={line.triedAt} />
                </Text>
              </td>
              <td>
                <Outcome line={line} />
              </td>
              <td className={`${table.number} ${table.wide}`}>{format.duration(line.durationMs)}</td>
              <td className={table.number}>
                <Button
                  size="xs"
                  variant="default"
                  loading={resend.isPending && resend.variables === line.eventId}
                  aria-label={t('notifications.resendOf', { event: line.eventId })}
                  onClick={() => resend.mutate(line.eventId)}
                >
                  {t('notifications.resend')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Outcome({ line: { state, status, error, nextAt, attempts } }: { line: DeliveryView }) {
  const { t } = useTranslation()
  return (
    <>
      <StatusDot tone={tones[state]}>{t(`notifications.states.${state}`)}</StatusDot>
      <Text size="xs" c="dimmed">
        {status === undefined ? error : t('notifications.answered', { status })}
        {attempts > 1 && ` · ${t('notifications.attempts', { count: attempts })}`}
        {nextAt !== undefined && (
          <>
            {` · ${t('notifications.next')} `}
            <RelativeTime at={nextAt} past={t('notifications.soon')} />
          </>
        )}
      </Text>
    </>
  )
}
