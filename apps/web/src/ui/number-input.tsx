import { NumberInput as PlainNumberInput, type NumberInputProps } from '@mantine/core'
import { useFormat } from './use-format.ts'

interface Props extends Omit<NumberInputProps, 'thousandSeparator' | 'decimalSeparator'> {
  /** Whether large numbers are grouped: `1,000` in English, `1.000` in German. */
  readonly grouped?: boolean
}

/** A number as the language writes it. */
export function NumberInput({ grouped = false, ...props }: Props) {
  const { separators } = useFormat()
  return (
    <PlainNumberInput
      {...props}
      thousandSeparator={grouped ? separators.group : ''}
      decimalSeparator={separators.decimal}
    />
  )
}
