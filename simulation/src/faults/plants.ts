import { bucketOf, ok, parseJobId, type Bucket, type Job, type JobId, type Transfer } from '@quarry/domain'
import type { LeaseToken, Stream } from '@quarry/messaging-port'
import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import { settlementOf } from '@quarry/domain'
import type { Ports, Stores } from '../engines/sim-engines.ts'
import type { SimProcess } from '../kernel/sim-process.ts'

/** A bug on purpose, as a decorator: in the engines below the witness, or between a process and the network. */
export interface Plant {
  stores?(stores: Stores): Stores
  ports?(ports: Ports, process: SimProcess): Ports
}

/** The bugs that the simulation must find, by the name that `--plant` takes. */
export const plants = {
  /** A scheduler moves a bucket's watermark, then emits what it says was emitted. */
  'watermark-before-emit': {
    ports: (ports) => ({ ...ports, queue: { ...bound(ports.queue), enqueue: (jobs) => emitLate(ports, jobs) } }),
  },
  /** A scheduler emits, and does not say before up to where it may. */
  'emit-without-horizon': {
    ports: (ports) => ({
      ...ports,
      schedule: { ...bound(ports.schedule), extend: () => Promise.resolve(ok(undefined)) },
    }),
  },
  /** A result-server settles what was handed in, before it knows which result was stored. */
  'settle-before-store': {
    ports: (ports) => ({
      ...ports,
      results: {
        ...bound(ports.results),
        store: async (results, storedAt) => {
          const messages = results.map(({ run }): SettlementMessage => ({
            v: 1,
            transfer: settlementOf(run),
            traceparent: run.traceparent,
          }))
          await ports.bus.settlements.publish(messages)
          return ports.results.store(results, storedAt)
        },
      },
    }),
  },
  /** A mining-server takes a job off the queue before its result is confirmed. */
  'ack-before-confirm': { ports: (ports, process) => (process.name.startsWith('mining') ? ackEarly(ports) : ports) },
  /** The store moves a watermark for whoever asks. */
  'advance-without-epoch': {
    stores: (stores) => ({
      ...stores,
      schedule: {
        ...bound(stores.schedule),
        advance: async (hold, watermark, seenChanges) => {
          const { epoch } = await stores.schedule.bucket(hold.bucket)
          return stores.schedule.advance({ ...hold, epoch }, watermark, seenChanges)
        },
      },
    }),
  },
  /** The ledger posts a settlement as often as it comes. */
  'ledger-without-ids': {
    stores: (stores) => {
      let repeated = 0
      const known = new Set<string>()
      const again = (transfer: Transfer): Transfer => {
        const isKnown = parseJobId(transfer.id) !== undefined && known.has(transfer.id)
        known.add(transfer.id)
        return isKnown ? { ...transfer, id: `${transfer.id}#${repeated++}` } : transfer
      }
      return {
        ...stores,
        ledger: { ...bound(stores.ledger), apply: (transfers) => stores.ledger.apply(transfers.map(again)) },
      }
    },
  },
  /** A scheduler that repeats a cancelled order's refund makes up a new id for it. */
  'refund-under-another-id': {
    ports: (ports, process) => {
      const renamed = (message: SettlementMessage): SettlementMessage => {
        const { transfer } = message
        if (!transfer.id.endsWith(':cancel')) return message
        // Each process counts for itself: only a refund that another process repeats gets another id.
        return { ...message, transfer: { ...transfer, id: transfer.id.replace(/:cancel$/, `:cancel:${process.name}`) } }
      }
      return { ...ports, bus: { ...ports.bus, settlements: publishing(ports.bus.settlements, renamed) } }
    },
  },
} satisfies Record<string, Plant>

export type PlantName = keyof typeof plants

export function isPlantName(name: string): name is PlantName {
  return Object.hasOwn(plants, name)
}

async function emitLate(ports: Ports, jobs: readonly Job[]): Promise<readonly ('queued' | 'known')[]> {
  const latest = new Map<Bucket, number>()
  for (const { orderId, dueAt } of jobs)
    latest.set(bucketOf(orderId), Math.max(dueAt, latest.get(bucketOf(orderId)) ?? 0))
  for (const [bucket, dueAt] of latest) {
    const { epoch, changes } = await ports.schedule.bucket(bucket)
    await ports.schedule.advance({ bucket, epoch }, dueAt, changes)
  }
  return ports.queue.enqueue(jobs)
}

function ackEarly(ports: Ports): Ports {
  const tokens = new Map<JobId, LeaseToken>()
  const { queue, bus } = ports
  const publish = async (messages: readonly ResultMessage[]) => {
    const known = messages.flatMap(({ run }) => tokens.get(run.jobId) ?? [])
    if (known.length > 0) await queue.ack(known.map((token) => ({ token })))
    await bus.results.publish(messages)
  }
  return {
    ...ports,
    queue: {
      ...bound(queue),
      claim: async (request) => {
        const claim = await queue.claim(request)
        for (const { job, token } of claim.leases) tokens.set(job.jobId, token)
        return claim
      },
    },
    bus: { ...bus, results: { ...bus.results, publish } },
  }
}

function publishing<T>(stream: Stream<T>, change: (message: T) => T): Stream<T> {
  return { ...stream, publish: (messages) => stream.publish(messages.map(change)) }
}

/** The port's methods as an object that can be spread: its own are on the class, or behind a proxy. */
function bound<T extends object>(port: T): T {
  const methods: Record<string, unknown> = {}
  for (let at: object | null = port; at !== null && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      if (typeof key !== 'string' || key === 'constructor' || key in methods) continue
      const member: unknown = Reflect.get(port, key)
      if (typeof member === 'function')
        methods[key] = (...args: unknown[]) => Reflect.apply(member, port, args) as unknown
    }
  }
  return methods as T
}
