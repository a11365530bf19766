import type { OrderId } from '../ids.ts'
import type { Schedule } from '../orders/order.ts'
import { cronTimes } from './cron-times.ts'
import { IntervalTimes } from './interval-times.ts'
import { JitteredTimes } from './jittered-times.ts'
import { openHours } from './open-hours.ts'
import type { Times } from './times.ts'

/** The moments of a schedule; undefined for one that plain arithmetic serves (once; an interval without windows and jitter). */
export function timesOf(schedule: Schedule, orderId: OrderId | undefined): Times | undefined {
  switch (schedule.kind) {
    case 'once':
      return undefined
    case 'interval': {
      if (schedule.windows === undefined && !schedule.jitterMs) return undefined
      const { startAt, intervalMs, windows, timeZone, jitterMs } = schedule
      const open = windows && openHours(windows, timeZone ?? 'UTC')
      return jittered(new IntervalTimes(startAt, intervalMs, open), jitterMs, orderId)
    }
    case 'cron':
      return jittered(cronTimes(schedule.expression, schedule.timeZone), schedule.jitterMs, orderId)
  }
}

function jittered(times: Times, jitterMs: number | undefined, orderId: OrderId | undefined): Times {
  return jitterMs && orderId !== undefined ? new JitteredTimes(times, jitterMs, orderId) : times
}
