import { Button } from '@mantine/core'
import type { OrderView } from '@quarry/contracts'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

const LabelDialog = lazy(async () => ({ default: (await import('./label-dialog.tsx')).LabelDialog }))

/** A button that lets an order's name and tags be changed. */
export function EditLabel({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {t('list.edit')}
      </Button>
      <Suspense>{opened && <LabelDialog order={order} onClose={() => setOpened(false)} />}</Suspense>
    </>
  )
}
