import { createContext, useContext } from 'react'
import { useFormState } from 'react-hook-form'
import type { OrderFormValues } from '../order-form.ts'

const Refused = createContext<Readonly<Record<string, string>>>({})

/** Brings what the server refused, in words by field, to the fields of the form. */
export const RefusedFields = Refused.Provider

/** The problem to show at a field: the form's own first, then the server's. */
export function useFieldError(field: keyof OrderFormValues): string | undefined {
  const refused = useContext(Refused)
  const { errors } = useFormState<OrderFormValues>({ name: field })
  return errors[field]?.message ?? refused[field]
}
