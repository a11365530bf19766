import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

/** A cron expression in words of the language chosen; undefined for one that is not understood, and until it is. */
export function useCronWords(expression: string | undefined): string | undefined {
  const { i18n } = useTranslation()
  const { language } = i18n
  const words = useQuery({
    queryKey: ['cron-words', language, expression],
    enabled: expression !== undefined && expression.trim() !== '',
    staleTime: Infinity,
    retry: false,
    queryFn: async () => {
      const { default: cronstrue } = await import('cronstrue/i18n')
      const options = { locale: language, use24HourTimeFormat: true, verbose: false, throwExceptionOnParseError: true }
      try {
        return cronstrue.toString(expression ?? '', options)
      } catch {
        return null
      }
    },
  })
  return words.data ?? undefined
}
