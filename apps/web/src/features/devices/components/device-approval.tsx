import { Button } from '@mantine/core'
import type { DeviceRequestView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keys } from '../../../http/keys.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { decideDevice, lookAtDevice } from '../api/decide-device.ts'
import { CodeForm } from './code-form.tsx'
import { DeviceRequest } from './device-request.tsx'

interface DeviceApprovalProps {
  /** From the address that the program printed, to be confirmed by looking at it. */
  readonly code: string
  /** Where a second factor is set up. */
  readonly onSetUp: () => void
}

/** Code, what asks, decision; one step after the other, each with a way back. */
export function DeviceApproval({ code, onSetUp }: DeviceApprovalProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [asking, setAsking] = useState<DeviceRequestView>()
  const look = useMutation({ mutationFn: lookAtDevice, onSuccess: setAsking })
  const decide = useMutation({
    mutationFn: (decision: 'approve' | 'refuse') => decideDevice(asking?.userCode ?? '', decision),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.tokens }),
  })
  const started = useRef(false)
  useEffect(() => {
    if (started.current || code === '') return
    started.current = true
    look.mutate(code)
  }, [code, look])
  const restart = () => {
    setAsking(undefined)
    look.reset()
    decide.reset()
  }

  if (look.error !== null && asCodedError(look.error).code === 'totp_needed')
    return (
      <EmptyState
        title={t('devices.totpTitle')}
        text={t('devices.totpText')}
        action={<Button onClick={onSetUp}>{t('devices.totpAction')}</Button>}
      />
    )
  if (decide.isSuccess && asking)
    return (
      <div role="status">
        <EmptyState
          title={t(decide.variables === 'approve' ? 'devices.approvedTitle' : 'devices.refusedTitle')}
          text={t(decide.variables === 'approve' ? 'devices.approvedText' : 'devices.refusedText', {
            name: asking.deviceName,
          })}
          action={
            <Button variant="default" onClick={restart}>
              {t('devices.another')}
            </Button>
          }
        />
      </div>
    )
  if (asking)
    return (
      <DeviceRequest
        asking={asking}
        busy={decide.isPending ? decide.variables : undefined}
        error={decide.error}
        onDecide={(decision) => decide.mutate(decision)}
      />
    )
  return (
    <>
      <CodeForm code={code} busy={look.isPending} onCode={(typed) => look.mutate(typed)}>
        <ErrorNote error={look.error} />
      </CodeForm>
    </>
  )
}
