import { Button, Group, Menu, NativeSelect } from '@mantine/core'
import type { TransferKind } from '@quarry/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { exportJournal } from '../api/export-journal.ts'
import { JournalTable } from './journal-table.tsx'

const kinds = ['mint', 'escrow', 'payment', 'refund', 'forfeit'] as const satisfies readonly TransferKind[]
const formats = ['csv', 'jsonl'] as const

/** The journal with its filter, and its export. */
export function JournalPanel() {
  const { t } = useTranslation()
  const [kind, setKind] = useState<TransferKind>()
  const save = useMutation({ mutationFn: (format: 'csv' | 'jsonl') => exportJournal(format, kind) })
  const tools = (
    <Group gap="xs">
      <NativeSelect
        size="xs"
        aria-label={t('wallet.filter')}
        value={kind ?? ''}
        onChange={({ currentTarget }) => setKind(kinds.find((each) => each === currentTarget.value))}
        data={[
          { value: '', label: t('wallet.allKinds') },
          ...kinds.map((value) => ({ value, label: t(`transfers.${value}`) })),
        ]}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" loading={save.isPending}>
            {t('wallet.export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item key={format} onClick={() => save.mutate(format)}>
              {t(`wallet.formats.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
  return (
    <Surface title={t('wallet.journal')} aside={tools}>
      <ErrorNote error={save.error} />
      <JournalTable kind={kind} />
    </Surface>
  )
}
