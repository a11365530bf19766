import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import type { CodedError, Factors } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../http/errors.ts'
import { ErrorNote } from './error-note.tsx'
import { useSession } from './use-session.ts'
import { CodeInput } from './code-input.tsx'

interface FactorsFormProps<T> {
  /** Names the form for screen readers. */
  readonly label: string
  readonly submit: string
  readonly danger?: boolean
  /** What needs the factors. It is called again with a code when the API answers that one is missing. */
  readonly act: (factors: Factors) => Promise<T>
  readonly onDone: (done: T) => void
  readonly onCancel: () => void
  /** Checks the other fields before anything is sent; they are `children`. */
  readonly check?: () => boolean
  /** Of the other fields, when the API refused one. */
  readonly onRefused?: (error: CodedError) => void
  readonly children?: ReactNode
}

/**
 * Asks for the password anew, and for a code where the account has a second factor: a session alone changes nothing
 * sensitive. What was typed stays after a refusal, but for the code, which may be used up.
 */
export function FactorsForm<T>(props: FactorsFormProps<T>) {
  const { t } = useTranslation()
  const session = useSession()
  const hasTotp = session.kind === 'signed-in' && session.user.totpEnabled
  const [codeMissing, setCodeMissing] = useState(false)
  const askCode = hasTotp || codeMissing
  const form = useForm({ defaultValues: { password: '', code: '' } })
  const { errors } = form.formState
  const acting = useMutation({
    mutationFn: ({ password, code }: { password: string; code: string }) =>
      props.act({ password, ...(askCode && { code: code.trim() }) }),
    onSuccess: props.onDone,
    onError: (error) => {
      const refusal = asCodedError(error)
      form.resetField('code')
      if (refusal.code === 'totp_required') setCodeMissing(true)
      else props.onRefused?.(refusal)
    },
  })
  const toldAlready = acting.error !== null && asCodedError(acting.error).code === 'totp_required'
  const submit = form.handleSubmit((values) => acting.mutate(values))
  return (
    <form
      noValidate
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault()
        if (props.check?.() ?? true) void submit()
        else void form.trigger()
      }}
    >
      <Stack gap="md">
        {props.children}
        <PasswordInput
          label={t('session.yourPassword')}
          autoComplete="current-password"
          maxLength={1024}
          data-autofocus={props.children === undefined || undefined}
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword'), tabIndex: 0 }}
          error={errors.password?.message}
          {...form.register('password', { required: t('session.passwordNeeded') })}
        />
        {askCode && (
          <CodeInput
            autoFocus={codeMissing}
            error={errors.code?.message}
            {...form.register('code', { required: t('session.codeNeeded') })}
          />
        )}
        <ErrorNote error={toldAlready ? undefined : acting.error} factors />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onCancel}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color={props.danger ? 'red' : 'verdigris'} loading={acting.isPending}>
            {props.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
