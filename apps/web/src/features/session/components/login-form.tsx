import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { startSession } from '../../../http/session.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { login } from '../api/login.ts'
import { CodeInput } from '../../../ui/code-input.tsx'

interface LoginValues {
  readonly email: string
  readonly password: string
  readonly code: string
}

/** Password first; the code only when the server asks for one. `onSignedIn` runs once the session has begun. */
export function LoginForm({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useTranslation()
  const [askCode, setAskCode] = useState(false)
  const form = useForm<LoginValues>({ defaultValues: { email: '', password: '', code: '' } })
  const { errors } = form.formState
  const signIn = useMutation({
    mutationFn: ({ email, password, code }: LoginValues) =>
      login({ email: email.trim(), password, ...(askCode ? { code: code.trim() } : {}) }),
    onSuccess: (session) => {
      startSession(session)
      onSignedIn()
    },
    onError: (error) => {
      if (asCodedError(error).code === 'totp_required') setAskCode(true)
      else form.resetField('code')
    },
  })
  const codeAsked = signIn.error !== null && asCodedError(signIn.error).code === 'totp_required'

  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => signIn.mutate(values))}
      aria-label={t('session.signInTitle')}
    >
      <Stack gap="md">
        <ErrorNote error={codeAsked ? undefined : signIn.error} />
        {askCode ? (
          <>
            <Text fw={600}>{t('session.codeTitle')}</Text>
            <CodeInput
              autoFocus
              error={errors.code?.message}
              {...form.register('code', { required: t('session.codeNeeded') })}
            />
          </>
        ) : (
          <>
            <TextInput
              key="email"
              type="email"
              label={t('session.email')}
              autoComplete="username"
              error={errors.email?.message}
              {...form.register('email', { required: t('session.emailNeeded') })}
            />
            <PasswordInput
              label={t('session.password')}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword'), tabIndex: 0 }}
              error={errors.password?.message}
              {...form.register('password', { required: t('session.passwordNeeded') })}
            />
          </>
        )}
        <Button type="submit" loading={signIn.isPending}>
          {t('session.signIn')}
        </Button>
        {askCode && (
          <Button variant="subtle" onClick={() => (setAskCode(false), signIn.reset())}>
            {t('session.back')}
          </Button>
        )}
      </Stack>
    </form>
  )
}
