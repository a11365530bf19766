import type { ScheduleStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe } from 'vitest'
import { bucketTests } from './schedule-store-buckets.ts'
import { scheduleCrashTests } from './schedule-store-crashes.ts'
import { entryTests } from './schedule-store-entries.ts'
import { raceTests } from './schedule-store-races.ts'
import type { OpenBench, StoreBench, StoreCapabilities } from './store-bench.ts'

/** What every `ScheduleStore` promises, checked through several clients of the same data. */
export function scheduleStoreSuite(
  name: string,
  open: OpenBench<ScheduleStore>,
  capabilities: StoreCapabilities,
): void {
  describe(`ScheduleStore on ${name}`, () => {
    let bench: StoreBench<ScheduleStore>
    beforeEach(async () => {
      bench = await open()
    })
    afterEach(() => bench.close())

    describe('buckets', () => bucketTests(() => bench))
    describe('entries', () => entryTests(() => bench))
    describe('races', () => raceTests(() => bench))
    describe.runIf(capabilities.crashes)('when clients die', () => scheduleCrashTests(() => bench))
  })
}
