import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { DeviceView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { forgetDevice } from '../api/forget-device.ts'
import { minersQuery } from '../api/list-miners.ts'

const tones = { mining: 'ok', idle: 'wait', away: 'idle' } as const

/** The user's devices and what each does, as it changes. */
export function DeviceTable() {
  const { t } = useTranslation()
  const miners = useQuery(minersQuery)
  const devices = miners.data?.devices
  return (
    <Surface title={t('miners.devices')}>
      {miners.isPending && <TableSkeleton rows={3} />}
      {miners.isError && !miners.data && <ErrorNote error={miners.error} onRetry={() => void miners.refetch()} />}
      {devices?.length === 0 && <EmptyState title={t('miners.emptyTitle')} text={t('miners.emptyText')} />}
      {devices !== undefined && devices.length > 0 && <Devices devices={devices} />}
    </Surface>
  )
}

function Devices({ devices }: { devices: readonly DeviceView[] }) {
  const { t } = useTranslation()
  return (
    <>
      <table className={table.table} aria-label={t('miners.caption')}>
        <thead>
          <tr>
            <th scope="col">{t('miners.device')}</th>
            <th scope="col">{t('miners.state')}</th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('miners.pages')}
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`} title={t('miners.pendingHint')}>
              {t('miners.pending')}
            </th>
            <th scope="col" className={table.number}>
              {t('miners.paid')}
            </th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <DeviceRow key={device.deviceId} device={device} />
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt="sm">
        {t('miners.counted')}
      </Text>
    </>
  )
}

function DeviceRow({ device }: { device: DeviceView }) {
  const { t, i18n } = useTranslation()
  const count = (value: number) => value.toLocaleString(i18n.language)
  const isAway = device.state === 'away'
  return (
    <tr>
      <td>
        <Text fw={600}>{device.name}</Text>
        <Text size="xs" c="dimmed">
          {t('miners.version', { version: device.version })}
        </Text>
      </td>
      <td>
        <StatusDot tone={tones[device.state]}>{t(`miners.states.${device.state}`)}</StatusDot>
        {device.idle !== undefined && <Text size="xs">{t(`miners.why.${device.idle}`)}</Text>}
        <Text size="xs" c="dimmed">
          {isAway ? t('miners.seen') : t('miners.since')}{' '}
          <RelativeTime at={isAway ? device.seenAt : device.connectedAt} />
        </Text>
        {isAway && <ForgetButton device={device} />}
      </td>
      <td className={`${table.number} ${table.wide}`}>{count(device.pages)}</td>
      <td className={`${table.number} ${table.wide}`}>{count(device.pendingCoins)}</td>
      <td className={table.number}>{count(device.paidCoins)}</td>
    </tr>
  )
}

function ForgetButton({ device: { deviceId, name } }: { device: DeviceView }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const forget = useMutation({
    mutationFn: () => forgetDevice(deviceId),
    onSuccess: () => notifications.show({ message: t('miners.forgotten', { name }) }),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.miners }),
  })
  return (
    <Button
      mt={4}
      size="compact-xs"
      variant="default"
      loading={forget.isPending}
      aria-label={t('miners.forgetOf', { name })}
      onClick={() => forget.mutate()}
    >
      {t('miners.forget')}
    </Button>
  )
}
