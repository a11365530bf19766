import { Button, Skeleton, Stack, Text } from '@mantine/core'
import type { RunResult } from '@quarry/domain'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { PagePreview } from '../../../ui/page-preview.tsx'
import { previewKind } from '../../../ui/preview-document.ts'
import { downloadRunBody } from '../api/download-run-body.ts'
import { runPreviewQuery } from '../api/get-run-preview.ts'

interface RunPreviewProps {
  readonly run: RunResult
  readonly headers: readonly (readonly [string, string])[]
}

/** The stored page in a frame in which nothing runs or loads, and the page itself as a file. */
export function RunPreview({ run, headers }: RunPreviewProps) {
  const { t } = useTranslation()
  const kind = previewKind(headers)
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const save = useMutation({ mutationFn: () => downloadRunBody(run.orderId, run.rep) })
  return (
    <Stack gap="sm" align="flex-start">
      {kind === 'none' ? <Text>{t('runs.noPreview', { type })}</Text> : <PreviewFrame run={run} kind={kind} />}
      <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
        {t('runs.download')}
      </Button>
      <ErrorNote error={save.error} />
    </Stack>
  )
}

function PreviewFrame({ run, kind }: { run: RunResult; kind: 'html' | 'text' }) {
  const preview = useQuery(runPreviewQuery(run.orderId, run.rep))
  if (preview.isPending) return <Skeleton h={352} />
  if (preview.data === undefined) return <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />
  return <PagePreview kind={kind} text={preview.data} />
}
