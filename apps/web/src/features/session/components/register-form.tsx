import { Button, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { startSession } from '../../../http/session.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { login } from '../api/login.ts'
import { register } from '../api/register.ts'
import { NewPasswordInput } from '../../../ui/new-password-input.tsx'

interface RegisterValues {
  readonly email: string
  readonly password: string
}

interface RegisterFormProps {
  readonly onSignedIn: () => void
  /** The address may have been known before, under another password: nobody may learn which from here. */
  readonly onSignInNeeded: () => void
}

/** Creates an account and signs in with it at once. */
export function RegisterForm({ onSignedIn, onSignInNeeded }: RegisterFormProps) {
  const { t, i18n } = useTranslation()
  const form = useForm<RegisterValues>({ defaultValues: { email: '', password: '' } })
  const { errors } = form.formState
  const signUp = useMutation({
    mutationFn: async ({ email, password }: RegisterValues) => {
      const body = { email: email.trim(), password }
      await register({ ...body, language: i18n.language === 'de' ? 'de' : 'en' })
      return login(body).catch(() => undefined)
    },
    onSuccess: (session) => {
      if (session === undefined) return onSignInNeeded()
      startSession(session)
      onSignedIn()
    },
  })
  const refused = fieldProblems(t, signUp.error === null ? undefined : asCodedError(signUp.error))

  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => signUp.mutate(values))}
      aria-label={t('session.registerTitle')}
    >
      <Stack gap="md">
        <ErrorNote error={signUp.error} />
        <TextInput
          type="email"
          label={t('session.email')}
          autoComplete="username"
          error={errors.email?.message ?? refused['email']}
          {...form.register('email', { required: t('session.emailNeeded') })}
        />
        <NewPasswordInput
          label={t('session.password')}
          error={errors.password?.message ?? refused['password']}
          {...form.register('password', {
            required: t('session.passwordShort'),
            minLength: { value: 8, message: t('session.passwordShort') },
          })}
        />
        <Button type="submit" loading={signUp.isPending}>
          {t('session.register')}
        </Button>
      </Stack>
    </form>
  )
}
