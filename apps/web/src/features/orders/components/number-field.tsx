import { Controller, useFormContext } from 'react-hook-form'
import { NumberInput } from '../../../ui/number-input.tsx'
import type { OrderFormValues } from '../order-form.ts'
import { useFieldError } from './refused-fields.ts'

interface NumberFieldProps {
  readonly name: 'repetitions' | 'priceCoins' | 'every' | 'jitterMinutes'
  readonly label: string
  readonly description?: string
  readonly min?: number
  readonly max?: number
}

/** A number. What is typed stays as typed: a problem is named, not corrected behind the user's back. */
export function NumberField({ name, label, description, min = 1, max }: NumberFieldProps) {
  const { control } = useFormContext<OrderFormValues>()
  const error = useFieldError(name)
  return (
    <Controller
      name={name}
      control={control}
      render={({ field }) => (
        <NumberInput
          label={label}
          description={description}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          min={min}
          {...(max === undefined ? {} : { max })}
          clampBehavior="none"
          allowDecimal={name === 'every' || name === 'jitterMinutes'}
          grouped={name === 'repetitions'}
          value={field.value}
          onChange={field.onChange}
          onBlur={field.onBlur}
          ref={field.ref}
          error={error}
        />
      )}
    />
  )
}
