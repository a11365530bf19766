import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import type { ExtractField, MAX_EXTRACT_FIELDS } from '@quarry/contracts'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Extracted, extractValues } from '../../../ui/extract-values.ts'

// By type, so that the contract's schemas stay out of the browser's bundle.
const mostFields: typeof MAX_EXTRACT_FIELDS = 20

interface SelectorFieldsProps {
  readonly fields: readonly ExtractField[]
  /** The fetched page; undefined before there is one. */
  readonly page: string | undefined
  readonly onChange: (fields: readonly ExtractField[]) => void
}

/** What to take from the page, with what each selector finds in the one that was fetched. */
export function SelectorFields({ fields, page, onChange }: SelectorFieldsProps) {
  const { t } = useTranslation()
  const found = useMemo(() => {
    const named = fields.filter(({ selector }) => selector.trim() !== '')
    return page === undefined ? undefined : extractValues(page, named)
  }, [page, fields])
  const change = (index: number, part: Partial<ExtractField>) =>
    onChange(fields.map((field, at) => (at === index ? { ...field, ...part } : field)))
  const add = () => onChange([...fields, { name: freeName(fields), selector: '', take: 'first' }])
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600}>{t('tryOut.selectors')}</Text>
        <Text size="xs" c="dimmed">
          {t('tryOut.selectorsHint')}
        </Text>
      </div>
      {fields.map((field, index) => (
        <Stack key={index} gap={4} role="group" aria-label={field.name}>
          <Group gap="xs" align="flex-end">
            <TextInput
              w="8rem"
              label={t('tryOut.name')}
              maxLength={40}
              value={field.name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <TextInput
              style={{ flex: 1, minWidth: '10rem' }}
              label={t('tryOut.selector')}
              maxLength={500}
              value={field.selector}
              error={found?.get(field.name)?.kind === 'unreadable' && t('tryOut.unreadable')}
              onChange={(event) => change(index, { selector: event.currentTarget.value })}
            />
            <TextInput
              w="9rem"
              label={t('tryOut.attribute')}
              maxLength={60}
              value={field.attribute ?? ''}
              onChange={(event) => change(index, { attribute: event.currentTarget.value || undefined })}
            />
            <NativeSelect
              label={t('tryOut.take')}
              data={[
                { value: 'first', label: t('tryOut.first') },
                { value: 'all', label: t('tryOut.all') },
              ]}
              value={field.take}
              onChange={(event) => change(index, { take: event.currentTarget.value === 'all' ? 'all' : 'first' })}
            />
            <Button
              variant="subtle"
              aria-label={t('tryOut.remove', { name: field.name })}
              onClick={() => onChange(fields.filter((_, at) => at !== index))}
            >
              ×
            </Button>
          </Group>
          {found !== undefined && field.selector.trim() !== '' && <Found what={found.get(field.name)} />}
        </Stack>
      ))}
      <Group>
        <Button variant="default" size="compact-sm" disabled={fields.length >= mostFields} onClick={add}>
          {t('tryOut.add')}
        </Button>
      </Group>
    </Stack>
  )
}

function Found({ what }: { what: Extracted | undefined }) {
  const { t } = useTranslation()
  if (what === undefined || what.kind === 'unreadable') return undefined
  const values = what.kind === 'all' ? what.values : what.value === null ? [] : [what.value]
  const shown = values.slice(0, 5).map((value) => `“${value.slice(0, 120)}”`)
  return (
    <Text size="xs" aria-live="polite">
      {t('tryOut.found')}: {values.length === 0 ? t('tryOut.nothing') : shown.join(', ')}
      {values.length > shown.length && ` … (${values.length})`}
    </Text>
  )
}

function freeName(fields: readonly ExtractField[]): string {
  for (let number = fields.length + 1; ; number++) {
    if (!fields.some(({ name }) => name === `value${number}`)) return `value${number}`
  }
}
