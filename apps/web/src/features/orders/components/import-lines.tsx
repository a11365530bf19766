import { Text } from '@mantine/core'
import type { BulkLine } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import table from '../../../ui/table.module.css'

const SHOWN = 100

/** What becomes of each line: the wrong ones first of all, of the others no more than a page. */
export function ImportLines({ lines }: { lines: readonly BulkLine[] }) {
  const { t } = useTranslation()
  const shown = lines.filter((line, index) => index < SHOWN || line.error)
  return (
    <Surface title={t('bulk.lines')}>
      {shown.length < lines.length && (
        <Text size="xs" c="dimmed">
          {t('bulk.moreLines', { count: SHOWN })}
        </Text>
      )}
      <table className={table.table} aria-label={t('bulk.lines')}>
        <thead>
          <tr>
            <th scope="col">{t('bulk.line')}</th>
            <th scope="col">{t('bulk.page')}</th>
            <th scope="col">{t('bulk.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.line}>
              <td>{line.line}</td>
              <td>
                <bdi>{line.name}</bdi>
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {line.url}
                </Text>
              </td>
              <td>{line.error ? <LineError error={line.error} /> : t('bulk.fine')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Surface>
  )
}

function LineError({ error }: { error: NonNullable<BulkLine['error']> }) {
  const { t } = useTranslation()
  return (
    <>
      <Text c="var(--mantine-color-error)">{t(`errors.${error.code}`)}</Text>
      <Text size="xs" c="dimmed">
        {error.message}
      </Text>
    </>
  )
}
