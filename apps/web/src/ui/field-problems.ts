import type { CodedError } from '@quarry/contracts'
import type { TFunction } from 'i18next'

/** What the server found wrong, by field path; the English words of the server inside words of the user's language. */
export function fieldProblems(t: TFunction, error: CodedError | undefined): Readonly<Record<string, string>> {
  const problems = (error?.fields ?? []).map(({ field, problem, allowed }) => {
    const words = t('app.notAccepted', { problem })
    return [field, allowed === undefined ? words : `${words} ${t('app.allowed', { allowed })}`] as const
  })
  return Object.fromEntries(problems)
}
