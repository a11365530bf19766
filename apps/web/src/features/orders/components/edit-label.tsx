import { Button, Stack, TagsInput, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { OrderView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { relabelOrder } from '../api/relabel-order.ts'
import { maxTagLength, maxTags } from '../order-form.ts'

/** A button that lets an order's name and tags be changed. */
export function EditLabel({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {t('list.edit')}
      </Button>
      {opened && <LabelDialog order={order} onClose={() => setOpened(false)} />}
    </>
  )
}

function LabelDialog({ order, onClose }: { order: OrderView; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState(order.name)
  const [tags, setTags] = useState<readonly string[]>(order.tags ?? [])
  const save = useMutation({
    mutationFn: () => relabelOrder(order.id, { name: name.trim(), tags: [...tags] }),
    onSuccess: (changed) => {
      cache.setQueryData(keys.order(order.id), changed)
      for (const queryKey of [keys.orderList, keys.orderSummary]) void cache.invalidateQueries({ queryKey })
      notifications.show({ message: t('list.edited') })
      onClose()
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
      onConfirm={() => save.mutate()}
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
