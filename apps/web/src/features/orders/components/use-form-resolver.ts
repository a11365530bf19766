import { useCallback } from 'react'
import type { FieldErrors, Resolver } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../../ui/use-format.ts'
import { type FormProblem, formProblems, type OrderFormValues } from '../order-form.ts'

/** Brings `formProblems`, in words, to react-hook-form. */
export function useFormResolver(): Resolver<OrderFormValues> {
  const { t } = useTranslation()
  const format = useFormat()
  return useCallback(
    (values) => {
      const words = (problem: FormProblem) => {
        switch (problem.key) {
          case 'intervalWrong':
            return t('form.intervalWrong', { min: format.interval(problem.minMs), max: format.interval(problem.maxMs) })
          case 'numberWrong':
            return t('form.numberWrong', { min: problem.min, max: problem.max })
          case 'jitterWrong':
            return t('plan.jitterWrong', { max: format.duration(problem.maxMs) })
          case 'tagsWrong':
            return t('plan.tagsWrong', { max: problem.max, length: problem.length })
          case 'windowsWrong':
          case 'untilNeeded':
            return t(`plan.${problem.key}`)
          default:
            return t(`form.${problem.key}`)
        }
      }
      const problems = Object.entries(formProblems(values))
      if (problems.length === 0) return { values, errors: {} }
      const errors = problems.map(([field, problem]) => [field, { type: 'invalid', message: words(problem) }] as const)
      return { values: {}, errors: Object.fromEntries(errors) as FieldErrors<OrderFormValues> }
    },
    [t, format],
  )
}
