import { Stack, TagsInput, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { OrderView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showUndoNote } from '../../../ui/undo-note.tsx'
import { relabelOrder } from '../api/relabel-order.ts'
import { showChange } from '../change-order.ts'
import { maxTagLength, maxTags } from '../order-form.ts'

interface Label {
  readonly name: string
  readonly tags: readonly string[]
}

/** Asks for an order's name and tags. They are shown at once, and a note offers those before. */
export function LabelDialog({ order, onClose }: { order: OrderView; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState(order.name)
  const [tags, setTags] = useState<readonly string[]>(order.tags ?? [])
  const before: Label = { name: order.name, tags: order.tags ?? [] }
  const save = useMutation({
    mutationFn: (label: Label) => relabelOrder(order.id, { name: label.name, tags: [...label.tags] }),
    onMutate: (label) => showChange(cache, order.id, { name: label.name, tags: [...label.tags] }),
    onSuccess: (changed, label) => {
      cache.setQueryData(keys.order(order.id), changed)
      for (const queryKey of [keys.orderList, keys.orderSummary]) void cache.invalidateQueries({ queryKey })
      onClose()
      if (label === before) notifications.show({ message: t('list.edited') })
      else showUndoNote(t('list.edited'), t('app.undo'), () => save.mutate(before))
    },
    onError: (error, label, takeBack) => {
      takeBack?.()
      // Refused while the dialog stands, it says so itself.
      if (label !== before) return
      const { code } = asCodedError(error)
      notifications.show({ color: 'red', title: t(`errors.${code}`), message: t('app.errorCode', { code }) })
    },
  })
  return (
    <ConfirmDialog
      opened
      title={t('list.edit')}
      confirm={t('list.editSave')}
      keep={t('app.cancel')}
      busy={save.isPending}
      error={save.error}
      onConfirm={() => save.mutate({ name: name.trim(), tags })}
      onClose={onClose}
    >
      <Stack gap="md">
        <TextInput
          label={t('form.name')}
          description={t('form.nameHint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TagsInput
          label={t('plan.tags')}
          description={t('plan.tagsHint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxTags={maxTags}
          maxLength={maxTagLength}
          splitChars={[',', ';']}
          value={[...tags]}
          onChange={setTags}
        />
      </Stack>
    </ConfirmDialog>
  )
}
