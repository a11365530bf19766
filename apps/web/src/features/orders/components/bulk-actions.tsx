import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { OrderView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showUndoNote } from '../../../ui/undo-note.tsx'
import { cancelOrder } from '../api/cancel-order.ts'
import { pauseOrder } from '../api/pause-order.ts'
import { resumeOrder } from '../api/resume-order.ts'

const AT_ONCE = 4
type Change = 'pause' | 'resume' | 'cancel'

const possible: Readonly<Record<Change, readonly OrderView['state'][]>> = {
  pause: ['active'],
  resume: ['paused'],
  cancel: ['active', 'paused', 'pausing'],
}

interface Asked {
  readonly orders: readonly OrderView[]
  readonly change: Change
  /** Whether it takes an earlier change back; that is not offered to be undone in turn. */
  readonly undoes?: boolean
}

const opposite = { pause: 'resume', resume: 'pause' } as const

/** Changes many orders, a few at a time; one that is refused keeps none of the others. */
async function changeAll({ orders, change }: Asked): Promise<{ done: OrderView[]; refunded: number }> {
  const waiting = [...orders]
  const done: OrderView[] = []
  let refunded = 0
  const work = async () => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      try {
        if (change === 'pause') await pauseOrder(order.id, '')
        else if (change === 'resume') await resumeOrder(order.id)
        else {
          // Not `refunded += await …`: that reads the sum before it waits, and loses what the others add meanwhile.
          const { refundedCoins } = await cancelOrder(order.id)
          refunded += refundedCoins
        }
        done.push(order)
      } catch {
        // Whatever is missing among those done is told together.
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { done, refunded }
}

/** What can be done with the selected orders together. */
export function BulkActions({ orders, onDone }: { orders: readonly OrderView[]; onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [asking, setAsking] = useState(false)
  const fit = (change: Change) => orders.filter(({ state }) => possible[change].includes(state))
  const act = useMutation({
    mutationFn: changeAll,
    onSuccess: ({ done, refunded }, { orders: asked, change, undoes }) => {
      const failed = asked.length - done.length
      for (const queryKey of [keys.orders, keys.balance, keys.journal]) void cache.invalidateQueries({ queryKey })
      if (change === 'cancel') notifications.show({ message: t('list.refunded', { count: refunded }) })
      else if (undoes || done.length === 0) notifications.show({ message: t('list.done', { count: done.length }) })
      else {
        const takeBack = () => act.mutate({ orders: done, change: opposite[change], undoes: true })
        showUndoNote(t('list.done', { count: done.length }), t('app.undo'), takeBack)
      }
      if (failed > 0) notifications.show({ color: 'red', message: t('list.failed', { count: failed }) })
      setAsking(false)
      onDone()
    },
  })
  const coins = fit('cancel').reduce((sum, order) => sum + order.coins.inEscrow, 0)
  return (
    <Group gap="xs" mb="sm" role="group" aria-label={t('list.selection')}>
      <Text aria-live="polite">{t('list.selected', { count: orders.length })}</Text>
      {(['pause', 'resume'] as const).map((change) => (
        <Button
          key={change}
          size="xs"
          variant="default"
          disabled={fit(change).length === 0 || act.isPending}
          loading={act.isPending && act.variables.change === change}
          onClick={() => act.mutate({ orders: fit(change), change })}
        >
          {t(`list.${change}`)}
        </Button>
      ))}
      <Button
        size="xs"
        variant="default"
        disabled={fit('cancel').length === 0 || act.isPending}
        onClick={() => setAsking(true)}
      >
        {t('list.cancel')}
      </Button>
      <Button size="xs" variant="subtle" onClick={onDone}>
        {t('list.unselect')}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={t('list.cancelTitle', { count: fit('cancel').length })}
        confirm={t('order.cancelConfirm')}
        keep={t('order.keep')}
        danger
        busy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate({ orders: fit('cancel'), change: 'cancel' })}
        onClose={() => setAsking(false)}
      >
        {t('list.cancelText', { count: coins })}
      </ConfirmDialog>
    </Group>
  )
}
