import { Button, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { startSession } from '../../../http/session.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { finishElsewhere } from '../api/entrance.ts'
import { CodeInput } from '../../../ui/code-input.tsx'

interface ElsewhereCodeFormProps {
  /** The name of the provider, as the address of the page tells it: shown as text only. */
  readonly provider: string
  readonly onSignedIn: () => void
  readonly onBack: () => void
}

/** Our second factor, after a provider has vouched for somebody. */
export function ElsewhereCodeForm({ provider, onSignedIn, onBack }: ElsewhereCodeFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { code: '' } })
  const finish = useMutation({
    mutationFn: ({ code }: { code: string }) => finishElsewhere(code.trim()),
    onSuccess: (session) => {
      startSession(session)
      onSignedIn()
    },
    onError: () => form.resetField('code'),
  })
  return (
    <form
      noValidate
      aria-label={t('session.codeTitle')}
      onSubmit={form.handleSubmit((values) => finish.mutate(values))}
    >
      <Stack gap="md">
        <Text>{t('elsewhere.codeText', { name: provider })}</Text>
        <ErrorNote error={finish.error} factors />
        <CodeInput
          autoFocus
          error={form.formState.errors.code?.message}
          {...form.register('code', { required: t('session.codeNeeded') })}
        />
        <Button type="submit" loading={finish.isPending}>
          {t('session.signIn')}
        </Button>
        <Button variant="subtle" onClick={onBack}>
          {t('session.back')}
        </Button>
      </Stack>
    </form>
  )
}
