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
import { cancelOrder } from '../api/cancel-order.ts'
import { pauseOrder } from '../api/pause-order.ts'
import { resumeOrder } from '../api/resume-order.ts'
import { runOrderNow } from '../api/run-order-now.ts'
import { EditLabel } from './edit-label.tsx'

/** Shows the order as the answer has it at once, and reads again what else the change touched. */
function useOrderChange(orderId: string) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  return {
    took: (order: OrderView, message: string) => {
      cache.setQueryData(keys.order(orderId), order)
      void cache.invalidateQueries({ queryKey: keys.orderList })
      notifications.show({ message })
    },
    refused: (error: unknown) => {
      const { code } = asCodedError(error)
      void cache.invalidateQueries({ queryKey: keys.order(orderId) })
      notifications.show({ color: 'red', title: t(`errors.${code}`), message: t('app.errorCode', { code }) })
    },
  }
}

/** What can be done with an order in its present state. */
export function OrderActions({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState<'pause' | 'cancel'>()
  const change = useOrderChange(order.id)
  const resume = useMutation({
    mutationFn: () => resumeOrder(order.id),
    onSuccess: (resumed) => change.took(resumed, t('order.resumed')),
    onError: change.refused,
  })
  const runNow = useMutation({
    mutationFn: () => runOrderNow(order.id),
    onSuccess: (running) => change.took(running, t('order.runRequested')),
    onError: change.refused,
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
        <Button loading={resume.isPending} disabled={state === 'pausing'} onClick={() => resume.mutate()}>
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
      <PauseDialog order={order} opened={asking === 'pause'} onClose={close} />
      <CancelDialog order={order} opened={asking === 'cancel'} onClose={close} />
    </Group>
  )
}

interface DialogProps {
  readonly order: OrderView
  readonly opened: boolean
  readonly onClose: () => void
}

function PauseDialog({ order, opened, onClose }: DialogProps) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const change = useOrderChange(order.id)
  const pause = useMutation({
    mutationFn: () => pauseOrder(order.id, reason.trim()),
    onSuccess: (paused) => {
      change.took(paused, t('order.paused'))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      opened={opened}
      title={t('order.pauseTitle')}
      confirm={t('order.pause')}
      keep={t('app.cancel')}
      busy={pause.isPending}
      error={pause.error}
      onConfirm={() => pause.mutate()}
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

function CancelDialog({ order, opened, onClose }: DialogProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const change = useOrderChange(order.id)
  const cancel = useMutation({
    mutationFn: () => cancelOrder(order.id),
    onSuccess: ({ order: cancelled, refundedCoins }) => {
      const waits = cancelled.state === 'cancelling' && refundedCoins === 0
      change.took(cancelled, waits ? t('order.cancelling') : t('order.cancelled', { count: refundedCoins }))
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
