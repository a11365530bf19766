import { Stack, TagsInput, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { Controller, useFormContext } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import { maxTagLength, maxTags, type OrderFormValues } from '../order-form.ts'
import { useFieldError } from './refused-fields.ts'

/** Which page, and what the order is called. `children` stand below the address: what can be tried out on it. */
export function TargetFields({ children }: { children?: ReactNode }) {
  const { t } = useTranslation()
  const { control, register } = useFormContext<OrderFormValues>()
  const tagsError = useFieldError('tags')
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
        {children}
        <TextInput
          label={t('form.name')}
          description={t('form.nameHint')}
          maxLength={200}
          error={useFieldError('name')}
          {...register('name')}
        />
        <Controller
          name="tags"
          control={control}
          render={({ field }) => (
            <TagsInput
              label={t('plan.tags')}
              description={t('plan.tagsHint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              maxTags={maxTags}
              maxLength={maxTagLength}
              splitChars={[',', ';']}
              error={tagsError}
              value={[...field.value]}
              onChange={field.onChange}
              onBlur={field.onBlur}
            />
          )}
        />
      </Stack>
    </Surface>
  )
}
