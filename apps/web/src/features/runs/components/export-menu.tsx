import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ExportFormat } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { downloadExport } from '../api/download-export.ts'

const formats: readonly ExportFormat[] = ['zip', 'jsonl', 'csv']

/** All runs as one file; a download under way can be stopped. */
export function ExportMenu({ orderId }: { orderId: string }) {
  const { t } = useTranslation()
  const running = useRef<AbortController>(undefined)
  const save = useMutation({
    mutationFn: (format: ExportFormat) => {
      running.current = new AbortController()
      return downloadExport(orderId, format, running.current.signal)
    },
    onError: (error) => {
      if (running.current?.signal.aborted) return
      const { code } = asCodedError(error)
      notifications.show({ color: 'red', title: t(`errors.${code}`), message: t('app.errorCode', { code }) })
    },
  })
  return (
    <Group gap="xs" role="group" aria-label={t('runs.export')}>
      {formats.map((format) => (
        <Button
          key={format}
          size="compact-sm"
          variant="default"
          loading={save.isPending && save.variables === format}
          disabled={save.isPending}
          aria-label={t('runs.exportAs', { format: format.toUpperCase() })}
          onClick={() => save.mutate(format)}
        >
          {format.toUpperCase()}
        </Button>
      ))}
      {save.isPending && (
        <Button size="compact-sm" variant="subtle" onClick={() => running.current?.abort()}>
          {t('app.cancel')}
        </Button>
      )}
    </Group>
  )
}
