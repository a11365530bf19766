import { Alert, Button, Stack, Text } from '@mantine/core'
import type { TotpEnrolmentView } from '@quarry/contracts'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { amendUser } from '../../../http/session.ts'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { ConfirmTotpForm } from './confirm-totp-form.tsx'
import { EnrolTotpForm } from './enrol-totp-form.tsx'

type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'password' }
  | { readonly kind: 'scan'; readonly enrolment: TotpEnrolmentView }
  | { readonly kind: 'recovery'; readonly codes: readonly string[] }

/** The second factor: password, then QR code and first code, then the recovery codes. */
export function TotpPanel({ enabled }: { enabled: boolean }) {
  const { t } = useTranslation()
  const [step, setStep] = useState<Step>({ kind: 'idle' })
  const idle = () => setStep({ kind: 'idle' })
  return (
    <Surface title={t('account.totp')}>
      <Stack gap="md" align="stretch">
        {step.kind === 'idle' && (
          <StatusDot tone={enabled ? 'ok' : 'idle'}>{enabled ? t('account.totpOn') : t('account.totpOff')}</StatusDot>
        )}
        {step.kind === 'idle' && !enabled && (
          <Button style={{ alignSelf: 'flex-start' }} onClick={() => setStep({ kind: 'password' })}>
            {t('account.totpStart')}
          </Button>
        )}
        {step.kind === 'password' && (
          <EnrolTotpForm onEnrolled={(enrolment) => setStep({ kind: 'scan', enrolment })} onCancel={idle} />
        )}
        {step.kind === 'scan' && (
          <ConfirmTotpForm
            enrolment={step.enrolment}
            onConfirmed={(codes) => {
              amendUser({ totpEnabled: true })
              setStep({ kind: 'recovery', codes })
            }}
            onCancel={idle}
          />
        )}
        {step.kind === 'recovery' && <RecoveryCodes codes={step.codes} onDone={idle} />}
      </Stack>
    </Surface>
  )
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation()
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" role="status" title={t('account.recoveryTitle')}>
        <Text size="sm">{t('account.recoveryText')}</Text>
      </Alert>
      <CommandBlock text={codes.join('\n')} what={t('account.recoveryCodes')} />
      <Button style={{ alignSelf: 'flex-start' }} onClick={onDone}>
        {t('account.recoveryDone')}
      </Button>
    </Stack>
  )
}
