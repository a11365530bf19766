import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatInterval,
  formatRelative,
  formatSigned,
  formatTick,
  numberSeparators,
  regionalLocale,
} from './format.ts'

/** The formatters of `format.ts`, in the language chosen. */
export function useFormat() {
  const { i18n } = useTranslation()
  return useMemo(() => {
    const locale = regionalLocale(i18n.language, navigator.languages)
    return {
      bytes: (sizeBytes: number) => formatBytes(locale, sizeBytes),
      duration: (durationMs: number) => formatDuration(locale, durationMs),
      interval: (intervalMs: number) => formatInterval(locale, intervalMs),
      relative: (at: number, now: number) => formatRelative(locale, at, now),
      dateTime: (at: number, options?: { timeZone?: string; seconds?: boolean }) => formatDateTime(locale, at, options),
      number: (amount: number) => amount.toLocaleString(locale),
      tick: (at: number, stepMs: number) => formatTick(locale, at, stepMs),
      separators: numberSeparators(locale),
      signed: (amount: number) => formatSigned(locale, amount),
    }
  }, [i18n.language])
}
