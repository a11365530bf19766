import { Button, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { resetPassword } from '../api/reset-password.ts'
import { CodeInput } from '../../../ui/code-input.tsx'
import { NewPasswordInput } from '../../../ui/new-password-input.tsx'

/** The new password, and a code once the server asks for one. */
export function ResetPasswordForm({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const { t } = useTranslation()
  const [askCode, setAskCode] = useState(false)
  const form = useForm({ defaultValues: { newPassword: '', code: '' } })
  const { errors } = form.formState
  const reset = useMutation({
    mutationFn: ({ newPassword, code }: { newPassword: string; code: string }) =>
      resetPassword({ token, newPassword, ...(askCode && { code: code.trim() }) }),
    onSuccess: onDone,
    onError: (error) => {
      if (asCodedError(error).code === 'totp_required') setAskCode(true)
      else form.resetField('code')
    },
  })
  const error = reset.error === null ? undefined : asCodedError(reset.error)
  return (
    <form
      noValidate
      aria-label={t('session.resetTitle')}
      onSubmit={form.handleSubmit((values) => reset.mutate(values))}
    >
      <Stack gap="md">
        <ErrorNote error={error?.code === 'totp_required' ? undefined : error} />
        <NewPasswordInput
          error={errors.newPassword?.message ?? fieldProblems(t, error)['newPassword']}
          {...form.register('newPassword', {
            required: t('session.passwordNeeded'),
            minLength: { value: 8, message: t('session.passwordShort') },
          })}
        />
        {askCode && (
          <CodeInput
            autoFocus
            error={errors.code?.message}
            {...form.register('code', { required: t('session.codeNeeded') })}
          />
        )}
        <Button type="submit" loading={reset.isPending}>
          {t('session.resetSave')}
        </Button>
      </Stack>
    </form>
  )
}
