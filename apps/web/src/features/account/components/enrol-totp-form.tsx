import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import type { TotpEnrolmentView } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { enrolTotp } from '../api/enrol-totp.ts'

interface EnrolTotpFormProps {
  readonly onEnrolled: (enrolment: TotpEnrolmentView) => void
  readonly onCancel: () => void
}

/** Asks for the password once more before a second factor is set up. */
export function EnrolTotpForm({ onEnrolled, onCancel }: EnrolTotpFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { password: '' } })
  const enrol = useMutation({ mutationFn: enrolTotp, onSuccess: onEnrolled })
  return (
    <form
      noValidate
      aria-label={t('account.totpStart')}
      onSubmit={form.handleSubmit(({ password }) => enrol.mutate(password))}
    >
      <Stack gap="md" maw="24rem">
        <ErrorNote error={enrol.error} />
        <PasswordInput
          label={t('account.totpPassword')}
          autoComplete="current-password"
          autoFocus
          visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword'), tabIndex: 0 }}
          error={form.formState.errors.password?.message}
          {...form.register('password', { required: t('session.passwordNeeded') })}
        />
        <Group gap="xs">
          <Button type="submit" loading={enrol.isPending}>
            {t('account.totpContinue')}
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            {t('account.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
