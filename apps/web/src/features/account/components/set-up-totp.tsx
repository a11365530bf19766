import type { TotpEnrolmentView } from '@quarry/contracts'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQueryClient } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { amendUser, refreshSession, sessionState } from '../../../http/session.ts'
import { FactorsForm } from '../../../ui/factors-form.tsx'
import { enrolTotp } from '../api/second-factor.ts'
import { ConfirmTotpForm } from './confirm-totp-form.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

interface SetUpTotpProps {
  /** Whether a second factor is in force, which another one replaces. */
  readonly replaces: boolean
  readonly onDone: () => void
  readonly onCancel: () => void
}

type Step =
  | { readonly kind: 'factors' }
  | { readonly kind: 'scan'; readonly enrolment: TotpEnrolmentView }
  | { readonly kind: 'recovery'; readonly codes: readonly string[] }

/** A second factor in three steps: password, QR code with the first code of it, recovery codes. */
export function SetUpTotp({ replaces, onDone, onCancel }: SetUpTotpProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [step, setStep] = useState<Step>({ kind: 'factors' })
  const confirmed = (codes: readonly string[]) => {
    setStep({ kind: 'recovery', codes })
    turnedOn()
    void cache.invalidateQueries({ queryKey: keys.account })
  }
  if (step.kind === 'scan')
    return (
      <ConfirmTotpForm enrolment={step.enrolment} replaces={replaces} onConfirmed={confirmed} onCancel={onCancel} />
    )
  if (step.kind === 'recovery') return <RecoveryCodes codes={step.codes} onDone={onDone} />
  return (
    <FactorsForm
      label={t('account.totpStart')}
      submit={t('account.totpContinue')}
      act={enrolTotp}
      onDone={(enrolment) => setStep({ kind: 'scan', enrolment })}
      onCancel={onCancel}
    />
  )
}

/** An administrator's next access token lets them administer; the one in use was made without a second factor. */
function turnedOn(): void {
  amendUser({ totpEnabled: true })
  const session = sessionState()
  if (session.kind === 'signed-in' && session.user.admin) void refreshSession()
}
