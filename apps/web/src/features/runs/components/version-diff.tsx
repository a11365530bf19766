import { Button, Checkbox, Group, Modal, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import type { VersionView } from '@quarry/contracts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { textOfHtml } from '../../../ui/preview-document.ts'
import { saveFile } from '../../../ui/save-file.ts'
import { runPreviewQuery } from '../api/get-run-preview.ts'
import { askWorker } from '../diff/ask-worker.ts'
import type { DiffLine, DiffOutcome } from '../diff/diff-texts.ts'
import { changeStarts, foldLines } from '../diff/fold-lines.ts'
import classes from './version-diff.module.css'

/** More lines are not drawn; the patch has them all. */
const MOST_ROWS = 4000
/** Text is only taken out of smaller pages: that happens on the page itself. */
const MOST_TEXT_CHARS = 2_000_000

interface VersionDiffProps {
  readonly orderId: string
  readonly older: VersionView
  readonly newer: VersionView
  readonly onClose: () => void
}

/** Two contents side by side in one list of lines; a worker compares them. */
export function VersionDiff({ orderId, older, newer, onClose }: VersionDiffProps) {
  const { t } = useTranslation()
  const [mode, setMode] = useState<'lines' | 'words'>('lines')
  const [ignoreWhitespace, setIgnoreWhitespace] = useState(false)
  const [textOnly, setTextOnly] = useState(false)
  const first = useQuery(runPreviewQuery(orderId, older.lastRep))
  const second = useQuery(runPreviewQuery(orderId, newer.lastRep))
  const large = Math.max(first.data?.length ?? 0, second.data?.length ?? 0) > MOST_TEXT_CHARS
  const before = useMemo(() => textOf(first.data, textOnly && !large), [first.data, textOnly, large])
  const after = useMemo(() => textOf(second.data, textOnly && !large), [second.data, textOnly, large])
  const diff = useQuery({
    queryKey: ['run-preview', 'diff', older.sha256, newer.sha256, mode, ignoreWhitespace, textOnly],
    queryFn: async ({ signal }) => {
      const wish = { before: before ?? '', after: after ?? '', mode, ignoreWhitespace }
      return (await askWorker({ kind: 'diff', wish }, signal)) as DiffOutcome
    },
    enabled: before !== undefined && after !== undefined,
    staleTime: Infinity,
    gcTime: 0,
  })
  const names = [`run-${older.lastRep + 1}`, `run-${newer.lastRep + 1}`] as const
  const save = useMutation({
    mutationFn: async () => {
      const answer = await askWorker({ kind: 'patch', before: before ?? '', after: after ?? '', names })
      if (answer.kind === 'patch' && answer.patch !== undefined)
        saveFile(new Blob([answer.patch]), `${orderId}-${names[0]}-${names[1]}.patch`)
    },
  })
  const error = first.error ?? second.error ?? diff.error
  return (
    <Modal
      opened
      onClose={onClose}
      size="80rem"
      title={t('versions.diffOf', { older: older.lastRep + 1, newer: newer.lastRep + 1 })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Stack gap="sm">
        <Group gap="md">
          <SegmentedControl
            aria-label={t('versions.mode')}
            data={[
              { value: 'lines', label: t('versions.lines') },
              { value: 'words', label: t('versions.words') },
            ]}
            value={mode}
            onChange={(chosen) => setMode(chosen)}
          />
          <Checkbox
            label={t('versions.ignoreWhitespace')}
            checked={ignoreWhitespace}
            onChange={(event) => setIgnoreWhitespace(event.currentTarget.checked)}
          />
          <Checkbox
            label={t('versions.textOnly')}
            disabled={large}
            checked={textOnly && !large}
            onChange={(event) => setTextOnly(event.currentTarget.checked)}
          />
          <Button variant="default" size="compact-sm" loading={save.isPending} onClick={() => save.mutate()}>
            {t('versions.patch')}
          </Button>
        </Group>
        {large && <Text c="dimmed">{t('versions.tooLargeForText')}</Text>}
        {error !== null ? (
          <ErrorNote error={error} />
        ) : diff.data === undefined ? (
          <Skeleton h={240} />
        ) : diff.data.kind === 'too-different' ? (
          <Text>{t('versions.tooDifferent')}</Text>
        ) : (
          <DiffLines lines={diff.data.lines} added={diff.data.added} removed={diff.data.removed} />
        )}
      </Stack>
    </Modal>
  )
}

function textOf(page: string | undefined, textOnly: boolean): string | undefined {
  return page !== undefined && textOnly ? `${textOfHtml(page)}\n` : page
}

interface DiffLinesProps {
  readonly lines: readonly DiffLine[]
  readonly added: number
  readonly removed: number
}

const signs = { same: ' ', removed: '−', added: '+' } as const

function DiffLines({ lines, added, removed }: DiffLinesProps) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set())
  const [current, setCurrent] = useState<number>()
  const box = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => foldLines(lines, opened), [lines, opened])
  const starts = useMemo(() => changeStarts(lines), [lines])
  const goTo = (index: number | undefined) => {
    if (index === undefined) return
    setCurrent(index)
    box.current?.querySelector(`[data-line="${index}"]`)?.scrollIntoView({ block: 'center' })
  }
  const next = () => goTo(starts.find((start) => start > (current ?? -1)) ?? starts[0])
  const previous = () => goTo(starts.findLast((start) => start < (current ?? Infinity)) ?? starts.at(-1))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'n') next()
    if (event.key === 'p') previous()
  }
  if (starts.length === 0) return <Text>{t('versions.same')}</Text>
  return (
    <>
      <Group gap="sm">
        <Text>{t('versions.counts', { added, removed })}</Text>
        <Button size="compact-sm" variant="default" onClick={previous}>
          {t('versions.previous')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={next}>
          {t('versions.next')}
        </Button>
      </Group>
      <div
        ref={box}
        className={classes.lines}
        tabIndex={0}
        role="region"
        aria-label={t('versions.showDiff')}
        onKeyDown={onKeyDown}
      >
        {rows.slice(0, MOST_ROWS).map((row) =>
          row.kind === 'fold' ? (
            <button
              key={`fold${row.from}`}
              type="button"
              className={classes.fold}
              onClick={() => setOpened(new Set([...opened, row.from]))}
            >
              {t('versions.unchanged', { count: row.count })}
            </button>
          ) : (
            <div
              key={row.index}
              className={classes.line}
              data-kind={row.line.kind}
              data-line={row.index}
              data-current={row.index === current || undefined}
            >
              <span className={classes.sign}>{signs[row.line.kind]}</span>
              <span>
                {row.line.pieces.map((piece, at) => marked(piece.text, piece.changed ? row.line.kind : 'same', at))}
              </span>
            </div>
          ),
        )}
      </div>
      {rows.length > MOST_ROWS && <Text c="dimmed">{t('versions.cut', { count: MOST_ROWS })}</Text>}
    </>
  )
}

function marked(text: string, kind: DiffLine['kind'], at: number) {
  if (kind === 'added') return <ins key={at}>{text}</ins>
  if (kind === 'removed') return <del key={at}>{text}</del>
  return <span key={at}>{text}</span>
}
