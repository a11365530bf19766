import { Stack, TextInput } from '@mantine/core'
import { useFormContext } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import type { OrderFormValues } from '../order-form.ts'
import { useFieldError } from './refused-fields.ts'

/** Which page, and what the order is called. */
export function TargetFields() {
  const { t } = useTranslation()
  const { register } = useFormContext<OrderFormValues>()
  return (
    <Surface title={t('form.what')}>
      <Stack gap="md">
        <TextInput
          label={t('form.url')}
          description={t('form.urlHint')}
          type="url"
          inputMode="url"
          autoComplete="url"
          placeholder="https://"
          maxLength={2048}
          error={useFieldError('url')}
          {...register('url')}
        />
        <TextInput
          label={t('form.name')}
          description={t('form.nameHint')}
          maxLength={200}
          error={useFieldError('name')}
          {...register('name')}
        />
      </Stack>
    </Surface>
  )
}
