import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core'
import type { CreateEndpoint } from '@quarry/contracts'
import type { WebhookEventType } from '@quarry/domain'
import { Controller, useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { eventTypes, wordOf } from '../event-types.ts'

interface EndpointFormProps {
  readonly initial: CreateEndpoint
  readonly submit: string
  readonly busy: boolean
  readonly error: unknown
  readonly onSubmit: (endpoint: CreateEndpoint) => void
}

/** Address, name and events of a webhook, new or to be changed. */
export function EndpointForm({ initial, submit, busy, error, onSubmit }: EndpointFormProps) {
  const { t } = useTranslation()
  const form = useForm<{ url: string; name: string; events: WebhookEventType[] }>({
    defaultValues: { ...initial, events: [...initial.events] },
  })
  const { errors } = form.formState
  const refused = fieldProblems(t, error === null ? undefined : asCodedError(error))
  return (
    <form
      noValidate
      aria-label={submit}
      onSubmit={form.handleSubmit(({ url, name, events }) => onSubmit({ url: url.trim(), name: name.trim(), events }))}
    >
      <Stack gap="md">
        <ErrorNote error={error} />
        <TextInput
          label={t('notifications.url')}
          description={t('notifications.urlHint')}
          placeholder="https://example.org/quarry"
          type="url"
          maxLength={2048}
          error={errors.url?.message ?? refused['url']}
          {...form.register('url', { validate: (url) => URL.canParse(url.trim()) || t('notifications.urlNeeded') })}
        />
        <TextInput
          label={t('notifications.name')}
          description={t('notifications.nameHint')}
          maxLength={100}
          error={refused['name']}
          {...form.register('name')}
        />
        <Controller
          name="events"
          control={form.control}
          rules={{ validate: (events) => events.length > 0 || t('notifications.eventsNeeded') }}
          render={({ field, fieldState }) => (
            <Checkbox.Group
              label={t('notifications.eventsLabel')}
              value={field.value}
              onChange={field.onChange}
              error={fieldState.error?.message ?? refused['events']}
            >
              <Stack gap="xs" mt="xs">
                {eventTypes.map((type) => (
                  <Checkbox key={type} value={type} label={t(`notifications.events.${wordOf(type)}`)} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
