import { Button, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import classes from './device-approval.module.css'

const COMPLETE = /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/

/** Capitals with the dash in its place, whatever is typed or pasted. */
function tidy(typed: string): string {
  const letters = typed
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '')
    .slice(0, 8)
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters
}

interface CodeFormProps {
  readonly code: string
  readonly busy: boolean
  readonly onCode: (code: string) => void
  readonly children: ReactNode
}

/** The user code in large letters. */
export function CodeForm({ code, busy, onCode, children }: CodeFormProps) {
  const { t } = useTranslation()
  const form = useForm({ defaultValues: { code: tidy(code) } })
  const field = form.register('code', {
    pattern: { value: COMPLETE, message: t('devices.codeWrong') },
    required: t('devices.codeWrong'),
  })
  return (
    <form noValidate aria-label={t('devices.title')} onSubmit={form.handleSubmit((values) => onCode(values.code))}>
      <Stack gap="md">
        {children}
        <TextInput
          label={t('devices.code')}
          description={t('devices.codeHint')}
          placeholder="XXXX-XXXX"
          size="lg"
          autoFocus
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          classNames={{ input: classes.code ?? '' }}
          error={form.formState.errors.code?.message}
          {...field}
          onChange={(event) => {
            event.currentTarget.value = tidy(event.currentTarget.value)
            void field.onChange(event)
          }}
        />
        <Button type="submit" loading={busy}>
          {t('devices.continue')}
        </Button>
      </Stack>
    </form>
  )
}
