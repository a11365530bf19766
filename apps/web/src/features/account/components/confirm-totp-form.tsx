import { Anchor, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import type { TotpEnrolmentView } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { QRCodeSVG } from 'qrcode.react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { confirmTotp } from '../api/second-factor.ts'
import classes from './confirm-totp-form.module.css'

interface ConfirmTotpFormProps {
  readonly enrolment: TotpEnrolmentView
  readonly replaces: boolean
  readonly onConfirmed: (recoveryCodes: readonly string[]) => void
  readonly onCancel: () => void
}

/** The secret as QR code and as text, and the first code that proves the app has it. */
export function ConfirmTotpForm({ enrolment, replaces, onConfirmed, onCancel }: ConfirmTotpFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { code: '', endOtherSessions: replaces } })
  const confirm = useMutation({
    mutationFn: confirmTotp,
    onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes),
  })
  return (
    <form
      noValidate
      aria-label={t('account.totpStart')}
      onSubmit={form.handleSubmit(({ code, endOtherSessions }) =>
        confirm.mutate({ code: code.replaceAll(/\s/g, ''), endOtherSessions }),
      )}
    >
      <Stack gap="md">
        <Text>{t('account.totpScan')}</Text>
        <div className={classes.sides}>
          <div className={classes.qr}>
            <QRCodeSVG value={enrolment.otpauthUri} size={168} title={t('account.totpQr')} role="img" />
          </div>
          <Stack gap="md">
            <CommandBlock text={enrolment.secret} what={t('account.totpSecret')} wrap />
            <Anchor href={enrolment.otpauthUri} size="sm">
              {t('account.totpOpen')}
            </Anchor>
            <TextInput
              label={t('account.totpCode')}
              inputMode="numeric"
              autoComplete="one-time-code"
              autoFocus
              error={form.formState.errors.code?.message}
              {...form.register('code', {
                pattern: { value: /^\s*(\d\s*){6}$/, message: t('account.totpCodeWrong') },
                required: t('account.totpCodeWrong'),
              })}
            />
          </Stack>
        </div>
        <Checkbox label={t('account.endOthers')} {...form.register('endOtherSessions')} />
        <ErrorNote error={confirm.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            {t('account.totpConfirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
