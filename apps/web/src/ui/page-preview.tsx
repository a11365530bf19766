import { SegmentedControl, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { MAX_PREVIEW_CHARS, previewDocument, tameHtml, textOfHtml } from './preview-document.ts'
import classes from './page-preview.module.css'

/** More of a source is not shown: it would hold the page up. */
const MAX_SOURCE_CHARS = 200_000

interface PagePreviewProps {
  readonly kind: 'html' | 'text'
  readonly text: string
}

/** A fetched page in a frame in which nothing runs or loads, as its text, and as its source. */
export function PagePreview({ kind, text }: PagePreviewProps) {
  const { t } = useTranslation()
  const [view, setView] = useState<'rendered' | 'text' | 'source'>('rendered')
  const page = useMemo(() => previewDocument(kind, text, tameHtml), [kind, text])
  const source = useMemo(
    () => (view === 'text' && kind === 'html' ? textOfHtml(text.slice(0, MAX_PREVIEW_CHARS)) : text),
    [view, kind, text],
  )
  const most = view === 'rendered' ? MAX_PREVIEW_CHARS : MAX_SOURCE_CHARS
  const views = [
    { value: 'rendered', label: t('preview.rendered') },
    { value: 'text', label: t('preview.text') },
    { value: 'source', label: t('preview.source') },
  ]
  return (
    <Stack gap="xs" w="100%">
      {kind === 'html' && (
        <SegmentedControl
          aria-label={t('preview.view')}
          data={views}
          value={view}
          onChange={(chosen) => setView(chosen as typeof view)}
        />
      )}
      <Text size="xs" c="dimmed">
        {view === 'rendered' && t('runs.previewNote')} {source.length > most && t('runs.previewCut')}
      </Text>
      {view === 'rendered' ? (
        <iframe
          className={classes.frame}
          title={t('runs.previewFrame')}
          sandbox=""
          referrerPolicy="no-referrer"
          srcDoc={page}
        />
      ) : (
        <pre className={classes.source} tabIndex={0}>
          {source.slice(0, MAX_SOURCE_CHARS)}
        </pre>
      )}
    </Stack>
  )
}
