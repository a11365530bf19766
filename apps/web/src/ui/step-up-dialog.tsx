import type { CodedError, Factors } from '@quarry/contracts'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { FactorsForm } from './factors-form.tsx'

interface StepUpDialogProps<T> {
  readonly opened: boolean
  readonly title: string
  readonly confirm: string
  readonly danger?: boolean
  readonly act: (factors: Factors) => Promise<T>
  readonly onDone: (done: T) => void
  readonly onClose: () => void
  readonly check?: () => boolean
  readonly onRefused?: (error: CodedError) => void
  /** What is about to happen, and what else has to be said for it. */
  readonly children?: ReactNode
}

/** Has the user confirm something sensitive by password and code; see `FactorsForm`. */
export function StepUpDialog<T>({ opened, title, confirm, onClose, ...form }: StepUpDialogProps<T>) {
  return (
    <Dialog opened={opened} onClose={onClose} title={title} closeOnClickOutside={false}>
      <FactorsForm label={title} submit={confirm} onCancel={onClose} {...form} />
    </Dialog>
  )
}
