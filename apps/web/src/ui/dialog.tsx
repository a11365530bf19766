import type { ModalProps } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFocusReturn } from './use-focus-return.ts'

const Modal = lazy(async () => ({ default: (await import('./modal.ts')).Modal }))

/** A dialog in the middle of the page. What it is made of is loaded when one is opened for the first time. */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation()
  const [needed, setNeeded] = useState(props.opened)
  if (!needed && props.opened) setNeeded(true)
  useFocusReturn(props.opened)
  if (!needed) return null
  return (
    <Suspense>
      <Modal centered closeButtonProps={{ 'aria-label': t('app.close') }} {...props} />
    </Suspense>
  )
}
