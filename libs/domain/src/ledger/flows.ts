import { dayOf, mondayOf, startOfDay, type Day } from '../people/days.ts'
import type { TransferKind } from './transfer.ts'

/** What one kind of transfer brought to an account and took from it, within a day, a week or a month. */
export interface Flow {
  /** The first day of the time that is summed up. */
  readonly day: Day
  readonly kind: TransferKind
  readonly inCoins: number
  readonly outCoins: number
}

export type FlowPeriod = 'day' | 'week' | 'month'

/** The first day of the week (Monday) or month that a day lies in; the day itself. */
export function periodStart(day: Day, per: FlowPeriod): Day {
  if (per === 'day') return day
  if (per === 'week') return mondayOf(day)
  const date = new Date(startOfDay(day))
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))
}

/** Sums days up to weeks or months, oldest first. */
export function groupFlows(flows: readonly Flow[], per: FlowPeriod): readonly Flow[] {
  const sums = new Map<string, Flow>()
  for (const { day, kind, inCoins, outCoins } of flows) {
    const start = periodStart(day, per)
    const key = `${start} ${kind}`
    const sum = sums.get(key)
    sums.set(key, {
      day: start,
      kind,
      inCoins: (sum?.inCoins ?? 0) + inCoins,
      outCoins: (sum?.outCoins ?? 0) + outCoins,
    })
  }
  return [...sums.values()].toSorted((a, b) => a.day - b.day || (a.kind < b.kind ? -1 : 1))
}
