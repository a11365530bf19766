import { Button, Skeleton, Stack, Text } from '@mantine/core'
import type { SystemView } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Figures } from '../../../ui/figures.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { Surface } from '../../../ui/surface.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { systemQuery } from '../api/system.ts'

/** Services, queue and figures, as the backend that was asked sees them. */
export function SystemPanel() {
  const { t } = useTranslation()
  const system = useQuery(systemQuery)
  const again = (
    <Button size="xs" variant="default" loading={system.isFetching} onClick={() => void system.refetch()}>
      {t('admin.lookAgain')}
    </Button>
  )
  return (
    <Surface title={t('admin.system')} aside={again}>
      {system.isPending && <Skeleton h={300} />}
      {system.isError && !system.data && <ErrorNote error={system.error} />}
      {system.data && <System system={system.data} />}
    </Surface>
  )
}

function System({ system }: { system: SystemView }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { queue, deadLetters, latenessP99Ms } = system
  const figure = (name: 'waiting' | 'leased' | 'dead' | 'lateness', value: number | string | null | undefined) =>
    value === null || value === undefined
      ? { label: t(`admin.${name}`), value: '–', unit: t('admin.unknown') }
      : { label: t(`admin.${name}`), value }
  return (
    <Stack gap="lg">
      <Figures
        label={t('admin.system')}
        items={[
          figure('waiting', queue?.waiting),
          figure('leased', queue?.leased),
          figure('dead', queue?.dead ?? deadLetters),
          figure('lateness', latenessP99Ms === null ? null : format.duration(latenessP99Ms)),
        ]}
      />
      <table className={table.table} aria-label={t('admin.services')}>
        <thead>
          <tr>
            <th scope="col">{t('admin.service')}</th>
            <th scope="col">{t('admin.state')}</th>
            <th scope="col">{t('admin.checks')}</th>
          </tr>
        </thead>
        <tbody>
          {system.services.map(({ service, ready, checks }) => (
            <tr key={service}>
              <td>{service.replaceAll('+', ', ')}</td>
              <td className={table.wrapless}>
                <StatusDot tone={ready ? 'ok' : 'bad'}>{t(ready ? 'admin.ready' : 'admin.notReady')}</StatusDot>
              </td>
              <td>
                {Object.entries(checks)
                  .map(([name, outcome]) => `${name}: ${outcome}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed">
        {t('admin.systemText', { protocol: system.protocolVersion, node: system.nodeVersion })}{' '}
        <ExactTime at={system.at} seconds />
      </Text>
    </Stack>
  )
}
