import { Button, Group, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { OrderView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { showUndoNote } from '../../../ui/undo-note.tsx'
import { cancelOrder } from '../api/cancel-order.ts'
import { pauseOrder } from '../api/pause-order.ts'
import { resumeOrder } from '../api/resume-order.ts'
import { runOrderNow } from '../api/run-order-now.ts'
import { showChange } from '../change-order.ts'
import { EditLabel } from './edit-label.tsx'

/** Pausing and resuming: shown at once, taken back when the server refuses, and each is the other's undoing. */
function useOrderChange(order: OrderView) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const took = (changed: OrderView) => {
    cache.setQueryData(keys.order(order.id), changed)
    void cache.invalidateQueries({ queryKey: keys.orderList })
  }
  const refused = (error: unknown, _: unknown, takeBack?: () => void) => {
    takeBack?.()
    const { code } = asCodedError(error)
    void cache.invalidateQueries({ queryKey: keys.order(order.id) })
    notifications.show({ color: 'red', title: t(`errors.${code}`), message: t('app.errorCode', { code }) })
  }
  const pause = useMutation({
    mutationFn: ({ reason }: { reason: string; undoes: boolean }) => pauseOrder(order.id, reason),
    onMutate: () => showChange(cache, order.id, { state: 'pausing' }),
    onSuccess: (paused, { undoes }) => {
      took(paused)
      if (undoes) notifications.show({ message: t('order.paused') })
      else showUndoNote(t('order.paused'), t('app.undo'), () => resume.mutate({ undoes: true }))
    },
    onError: refused,
  })
  const resume = useMutation({
    mutationFn: (_: { undoes: boolean }) => resumeOrder(order.id),
    onMutate: () => showChange(cache, order.id, { state: 'active' }),
    onSuccess: (resumed, { undoes }) => {
      took(resumed)
      const reason = order.reason ?? ''
      if (undoes) notifications.show({ message: t('order.resumed') })
      else showUndoNote(t('order.resumed'), t('app.undo'), () => pause.mutate({ reason, undoes: true }))
    },
    onError: refused,
  })
  return { pause, resume, took, refused }
}

/** What can be done with an order in its present state. */
export function OrderActions({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState<'pause' | 'cancel'>()
  const { pause, resume, took, refused } = useOrderChange(order)
  const runNow = useMutation({
    mutationFn: () => runOrderNow(order.id),
    onSuccess: (running) => {
      took(running)
      notifications.show({ message: t('order.runRequested') })
    },
    onError: refused,
  })
  const { state } = order
  const over = state === 'finished' || state === 'cancelled' || state === 'cancelling'
  const close = () => setAsking(undefined)
  return (
    <Group gap="xs" role="group" aria-label={t('order.actions')}>
      {state === 'active' && (
        <>
          <Button loading={runNow.isPending} onClick={() => runNow.mutate()}>
            {t('order.runNow')}
          </Button>
          <Button variant="default" onClick={() => setAsking('pause')}>
            {t('order.pause')}
          </Button>
        </>
      )}
      {(state === 'paused' || state === 'pausing') && (
        <Button
          loading={resume.isPending}
          disabled={state === 'pausing'}
          onClick={() => resume.mutate({ undoes: false })}
        >
          {t('order.resume')}
        </Button>
      )}
      <Button
        variant={over ? 'filled' : 'default'}
        renderRoot={(props) => <Link to="/orders/new" search={{ from: order.id }} {...props} />}
      >
        {over ? t('order.again') : t('list.clone')}
      </Button>
      <EditLabel order={order} />
      {!over && (
        <Button variant="default" disabled={state === 'placing'} onClick={() => setAsking('cancel')}>
          {t('order.cancel')}
        </Button>
      )}
      <PauseDialog
        opened={asking === 'pause'}
        onClose={close}
        onPause={(reason) => {
          close()
          pause.mutate({ reason, undoes: false })
        }}
      />
      <CancelDialog order={order} opened={asking === 'cancel'} onClose={close} onCancelled={took} />
    </Group>
  )
}

interface PauseDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly onPause: (reason: string) => void
}

function PauseDialog({ opened, onClose, onPause }: PauseDialogProps) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <ConfirmDialog
      opened={opened}
      title={t('order.pauseTitle')}
      confirm={t('order.pause')}
      keep={t('app.cancel')}
      busy={false}
      error={undefined}
      onConfirm={() => onPause(reason.trim())}
      onClose={onClose}
    >
      <Text mb="md">{t('order.pauseText')}</Text>
      <TextInput
        label={t('order.pauseReason')}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  )
}

interface CancelDialogProps {
  readonly order: OrderView
  readonly opened: boolean
  readonly onClose: () => void
  readonly onCancelled: (order: OrderView) => void
}

function CancelDialog({ order, opened, onClose, onCancelled }: CancelDialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelOrder(order.id),
    onSuccess: ({ order: cancelled, refundedCoins }) => {
      const waits = cancelled.state === 'cancelling' && refundedCoins === 0
      onCancelled(cancelled)
      notifications.show({
        message: waits ? t('order.cancelling') : t('order.cancelled', { count: refundedCoins }),
      })
      void cache.invalidateQueries({ queryKey: keys.balance })
      void cache.invalidateQueries({ queryKey: keys.journal })
      onClose()
    },
  })
  return (
    <ConfirmDialog
      opened={opened}
      title={t('order.cancelTitle')}
      confirm={t('order.cancelConfirm')}
      keep={t('order.keep')}
      danger
      busy={cancel.isPending}
      error={cancel.error}
      onConfirm={() => cancel.mutate()}
      onClose={onClose}
    >
      {t('order.cancelText', { count: order.coins.inEscrow })}
    </ConfirmDialog>
  )
}
