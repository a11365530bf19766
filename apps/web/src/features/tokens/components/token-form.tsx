import { Button, Checkbox, Stack, TextInput } from '@mantine/core'
import type { NewApiTokenView, Scope } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { Controller, useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { createToken, type CreateToken } from '../api/create-token.ts'

type TokenScope = CreateToken['scopes'][number]
const choices = ['mine', 'results:read', 'orders:read', 'orders:write'] as const satisfies readonly Scope[]

/** Name and permissions of a new token. */
export function TokenForm({ onCreated }: { onCreated: (token: NewApiTokenView) => void }) {
  const { t } = useTranslation()
  const form = useForm<{ name: string; scopes: TokenScope[] }>({
    defaultValues: { name: '', scopes: ['mine', 'results:read'] },
  })
  const { errors } = form.formState
  const create = useMutation({ mutationFn: createToken, onSuccess: onCreated })
  const refused = fieldProblems(t, create.error === null ? undefined : asCodedError(create.error))
  return (
    <form
      noValidate
      aria-label={t('tokens.new')}
      onSubmit={form.handleSubmit(({ name, scopes }) => create.mutate({ name: name.trim(), scopes }))}
    >
      <Stack gap="md">
        <ErrorNote error={create.error} />
        <TextInput
          label={t('tokens.name')}
          description={t('tokens.nameHint')}
          maxLength={100}
          error={errors.name?.message ?? refused['name']}
          {...form.register('name', { validate: (name) => name.trim() !== '' || t('tokens.nameNeeded') })}
        />
        <Controller
          name="scopes"
          control={form.control}
          rules={{ validate: (scopes) => scopes.length > 0 || t('tokens.scopesNeeded') }}
          render={({ field, fieldState }) => (
            <Checkbox.Group
              label={t('tokens.scopesLabel')}
              value={field.value}
              onChange={field.onChange}
              error={fieldState.error?.message ?? refused['scopes']}
            >
              <Stack gap="xs" mt="xs">
                {choices.map((scope) => (
                  <Checkbox key={scope} value={scope} label={t(`tokens.scopes.${scope}`)} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
        />
        <Button type="submit" loading={create.isPending}>
          {t('tokens.create')}
        </Button>
      </Stack>
    </form>
  )
}
