import type { OrderView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../../ui/use-format.ts'
import { scheduleSentence } from '../schedule-sentence.ts'
import { useCronWords } from './use-cron-words.ts'

/** When an order runs, in words. */
export function ScheduleWords({ order }: { order: Pick<OrderView, 'schedule' | 'repetitions' | 'until'> }) {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const { schedule, repetitions, until } = order
  const cronWords = useCronWords(schedule.kind === 'cron' ? schedule.expression : undefined)
  const told = {
    ...{ schedule, repetitions },
    ...(until !== undefined && { until }),
    ...(cronWords !== undefined && { cronWords }),
  }
  return <>{scheduleSentence({ t, language: i18n.language }, format, told)}</>
}
