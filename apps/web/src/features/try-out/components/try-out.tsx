import { Button, Group, Stack, Text } from '@mantine/core'
import type { ExtractField, TestFetchView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { randomKey } from '../../../http/idempotency.ts'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { OutcomeWords } from '../../../ui/outcome-words.tsx'
import { PagePreview } from '../../../ui/page-preview.tsx'
import { previewKind } from '../../../ui/preview-document.ts'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { testFetchQuery, testPageQuery } from '../api/get-test-fetch.ts'
import { startTestFetch } from '../api/start-test-fetch.ts'
import { SelectorFields } from './selector-fields.tsx'

/** A test without an outcome is looked at once more this long after it should have ended. */
const LOOK_AFTER_MS = 5000

interface TryOutProps {
  readonly url: string
  readonly fields: readonly ExtractField[]
  readonly onFields: (fields: readonly ExtractField[]) => void
}

/** Has the page fetched once for nothing, shows what came, and tries selectors on it. */
export function TryOut({ url, fields, onFields }: TryOutProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [testId, setTestId] = useState<string>()
  const start = useMutation({
    mutationFn: () => startTestFetch(url, randomKey()),
    onSuccess: (test) => {
      cache.setQueryData(keys.testFetch(test.id), test)
      setTestId(test.id)
    },
  })
  const test = useQuery({ ...testFetchQuery(testId ?? ''), enabled: testId !== undefined })
  const page = useQuery({ ...testPageQuery(testId ?? ''), enabled: test.data?.state === 'done' })
  useLastLook(test.data, () => void test.refetch())
  const waiting = start.isPending || test.data?.state === 'waiting'
  return (
    <Surface title={t('tryOut.title')}>
      <Stack gap="md">
        <Text c="dimmed">{t('tryOut.lead')}</Text>
        <Group gap="md">
          <Button variant="default" loading={waiting} disabled={url.trim() === ''} onClick={() => start.mutate()}>
            {testId === undefined ? t('tryOut.start') : t('tryOut.again')}
          </Button>
          <div role="status">{test.data && <TestState test={test.data} />}</div>
        </Group>
        <ErrorNote error={start.error ?? page.error} />
        {test.data?.outcome?.kind === 'page' && page.data !== undefined && (
          <FetchedPage headers={test.data.outcome.headers} text={page.data} />
        )}
        <SelectorFields fields={fields} page={page.data} onChange={onFields} />
      </Stack>
    </Surface>
  )
}

function TestState({ test }: { test: TestFetchView }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { outcome } = test
  if (outcome === undefined) return <Text>{t('tryOut.waiting', { count: test.connectedMiners })}</Text>
  if (outcome.kind === 'page') {
    const { status, content, timings } = outcome
    const size = format.bytes(content.sizeBytes)
    return <Text>{t('tryOut.done', { status, size, time: format.duration(timings.totalMs) })}</Text>
  }
  return (
    <>
      <OutcomeWords outcome={outcome} />
      <Text size="xs" c="dimmed">
        {t('tryOut.atFault', { who: t(`faults.${outcome.fault}`) })} · {outcome.detail}
      </Text>
    </>
  )
}

function FetchedPage({ headers, text }: { headers: readonly (readonly [string, string])[]; text: string }) {
  const { t } = useTranslation()
  const kind = previewKind(headers)
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  return (
    <>
      {kind === 'none' ? <Text>{t('runs.noPreview', { type })}</Text> : <PagePreview kind={kind} text={text} />}
      <details>
        <summary>{t('tryOut.headers')}</summary>
        <pre style={{ overflowX: 'auto', fontSize: 'var(--mantine-font-size-xs)' }} tabIndex={0}>
          {headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        </pre>
      </details>
    </>
  )
}

/** Events can be lost; one look when the test must be over. */
function useLastLook(test: TestFetchView | undefined, look: () => void): void {
  const { state, expiresAt = 0, createdAt = 0 } = test ?? {}
  useEffect(() => {
    if (state !== 'waiting') return
    // By how long it lasts, not by the clock of this computer.
    const timer = setTimeout(look, expiresAt - createdAt + LOOK_AFTER_MS)
    return () => clearTimeout(timer)
  }, [state, expiresAt, createdAt, look])
}
