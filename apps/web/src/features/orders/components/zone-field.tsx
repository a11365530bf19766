import { Select } from '@mantine/core'
import { Controller, useFormContext } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import type { OrderFormValues } from '../order-form.ts'
import { useFieldError } from './refused-fields.ts'

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** Whose clocks a schedule follows; found by typing a part of the name. */
export function ZoneField() {
  const { t } = useTranslation()
  const { control } = useFormContext<OrderFormValues>()
  const error = useFieldError('timeZone')
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return (
    <Controller
      name="timeZone"
      control={control}
      render={({ field }) => (
        <Select
          label={t('form.zone')}
          description={t('plan.zoneHint', { zone: timeZone })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          data={zones.includes(field.value) ? zones : [field.value, ...zones]}
          limit={100}
          error={error}
          value={field.value}
          onChange={(zone) => zone !== null && field.onChange(zone)}
          onBlur={field.onBlur}
          ref={field.ref}
        />
      )}
    />
  )
}
