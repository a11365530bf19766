import { idempotencyKeySchema } from '@quarry/contracts'
import { invalidInput } from '@quarry/service-kit'

/** The header's value when it may be one; undefined when there is none. Throws `invalid_input`. */
export function checkedKey(key: string | undefined): string | undefined {
  const checked = idempotencyKeySchema.optional().safeParse(key)
  if (!checked.success)
    throw invalidInput(checked.error.issues.map(({ message }) => ({ message, path: ['Idempotency-Key'] })))
  return checked.data
}
