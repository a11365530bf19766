import { awaitCalm, say, withLoad } from '../figures.ts'
import type { BenchOptions } from '../options.ts'
import { benchIdleMiners } from './idle-miners.ts'
import { benchJobQueue } from './job-queue.ts'
import { benchLedger } from './ledger.ts'
import { benchManyOrders } from './many-orders.ts'
import type { PartName } from './parts.ts'
import { benchThroughput } from './throughput.ts'

const parts: Record<PartName, (options: BenchOptions) => Promise<object>> = {
  throughput: benchThroughput,
  'job-queue': benchJobQueue,
  ledger: benchLedger,
  orders: benchManyOrders,
  miners: benchIdleMiners,
}

/** The parts asked for, one after the other, each on engines of its own. A part that fails says so in its place. */
export async function benchEngines(options: BenchOptions): Promise<Record<string, object>> {
  const figures: Record<string, object> = {}
  for (const name of options.only) {
    await awaitCalm(options.calmMs)
    say(`\n${name}`)
    try {
      figures[name] = await withLoad(() => parts[name](options))
    } catch (error) {
      figures[name] = { failed: error instanceof Error ? error.message : String(error) }
      process.exitCode = 1
    }
    say(JSON.stringify(figures[name]))
  }
  return figures
}
