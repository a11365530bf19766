import { Button, Group, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { useSession } from '../../../ui/use-session.ts'
import { setFirstPassword } from '../api/links.ts'
import { CodeInput } from '../../../ui/code-input.tsx'
import { NewPasswordInput } from '../../../ui/new-password-input.tsx'

interface FirstPasswordDialogProps {
  readonly opened: boolean
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Gives a password to an account that came from a provider. */
export function FirstPasswordDialog({ opened, onDone, onClose }: FirstPasswordDialogProps) {
  const { t } = useTranslation()
  const session = useSession()
  const askCode = session.kind === 'signed-in' && session.user.totpEnabled
  const form = useForm({ defaultValues: { newPassword: '', code: '' } })
  const { errors } = form.formState
  const set = useMutation({
    mutationFn: ({ newPassword, code }: { newPassword: string; code: string }) =>
      setFirstPassword(newPassword, askCode ? code.trim() : undefined),
    onSuccess: () => {
      form.reset()
      onDone()
    },
    onError: () => form.resetField('code'),
  })
  const refusal = set.error === null ? undefined : asCodedError(set.error)
  return (
    <Dialog opened={opened} onClose={onClose} title={t('elsewhere.setPassword')} closeOnClickOutside={false}>
      <form
        noValidate
        aria-label={t('elsewhere.setPassword')}
        onSubmit={form.handleSubmit((values) => set.mutate(values))}
      >
        <Stack gap="md">
          <NewPasswordInput
            data-autofocus
            error={errors.newPassword?.message ?? fieldProblems(t, refusal)['newPassword']}
            {...form.register('newPassword', {
              required: t('session.passwordNeeded'),
              minLength: { value: 8, message: t('session.passwordShort') },
            })}
          />
          {askCode && (
            <CodeInput error={errors.code?.message} {...form.register('code', { required: t('session.codeNeeded') })} />
          )}
          <ErrorNote error={refusal} factors />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" loading={set.isPending}>
              {t('elsewhere.setPassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
