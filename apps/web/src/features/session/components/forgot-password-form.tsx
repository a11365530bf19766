import { Alert, Button, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { forgotPassword } from '../api/forgot-password.ts'

/** Asks for the address; the answer is the same whether or not somebody has it. */
export function ForgotPasswordForm() {
  const { t, i18n } = useTranslation()
  const form = useForm({ defaultValues: { email: '' } })
  const ask = useMutation({
    mutationFn: ({ email }: { email: string }) =>
      forgotPassword(email.trim(), i18n.language.startsWith('de') ? 'de' : 'en'),
  })
  return (
    <form noValidate aria-label={t('session.forgotTitle')} onSubmit={form.handleSubmit((values) => ask.mutate(values))}>
      <Stack gap="md">
        <ErrorNote error={ask.error} />
        {ask.isSuccess && (
          <Alert role="status" variant="light">
            {t('session.forgotSent')}
          </Alert>
        )}
        <TextInput
          type="email"
          label={t('session.email')}
          description={t('session.forgotHint')}
          autoComplete="username"
          error={form.formState.errors.email?.message}
          {...form.register('email', { required: t('session.emailNeeded') })}
        />
        <Button type="submit" loading={ask.isPending}>
          {t('session.forgotSend')}
        </Button>
      </Stack>
    </form>
  )
}
