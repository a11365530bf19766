import { CodedError } from '@quarry/contracts'
import { bucketOf, type Clock, type EntryRequest, type OrderId, type ScheduleEntry, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { ScheduleStore } from '@quarry/storage-port'
import type { NotePause } from './notifications/note-pause.ts'

/** How long an answer waits for the bucket's owner to act; after that the wish stands, and its state says so. */
const OWNER_MS = 3_000
/** The owner's word arrives as a hint; a hint can be lost. */
const LOOK_AGAIN_MS = 100

/** Passes a customer's wish to the bucket's owner and waits a moment for its answer. */
export class ChangeOrder {
  readonly #schedule: ScheduleStore
  readonly #live: LiveEvents
  readonly #clock: Clock
  readonly #notePause: Pick<NotePause, 'before'> | undefined

  constructor(deps: {
    schedule: ScheduleStore
    live: LiveEvents
    clock: Clock
    /** Absent where nobody is told of pauses. */
    notePause?: Pick<NotePause, 'before'>
  }) {
    this.#schedule = deps.schedule
    this.#live = deps.live
    this.#clock = deps.clock
    this.#notePause = deps.notePause
  }

  /** Resolves with the entry once the owner has acted, or as it stands after a few seconds. Throws `wrong_state`. */
  async run(orderId: OrderId, customerId: UserId, request: EntryRequest): Promise<ScheduleEntry> {
    const takeBack = request.kind === 'pause' && (await this.#notePause?.before(orderId, customerId, request.reason))
    const asked = await this.#schedule.request(orderId, request)
    if (!asked.ok && takeBack) await takeBack()
    if (!asked.ok) throw refusal(orderId, request, asked.error.kind === 'wrong-state' ? asked.error.entry : undefined)
    this.#live.publish(`bucket:${bucketOf(orderId)}`, { kind: 'bucket-changed' })
    this.#live.publish(`user:${customerId}`, { kind: 'order-changed', orderId })
    return this.#answered(orderId, customerId, asked.value)
  }

  async #answered(orderId: OrderId, customerId: UserId, asked: ScheduleEntry): Promise<ScheduleEntry> {
    let entry = asked
    let over = false
    const cancel = this.#clock.after(OWNER_MS, () => (over = true))
    while (isPending(entry) && !over) {
      await this.#nextChange(orderId, customerId)
      entry = (await this.#schedule.find(orderId)) ?? entry
    }
    cancel()
    return entry
  }

  #nextChange(orderId: OrderId, customerId: UserId): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        unsubscribe()
        cancel()
        resolve()
      }
      const unsubscribe = this.#live.subscribe(`user:${customerId}`, (event) => {
        if (event.kind === 'order-changed' && event.orderId === orderId) done()
      })
      const cancel = this.#clock.after(LOOK_AGAIN_MS, done)
    })
  }
}

function isPending({ state, runNow }: ScheduleEntry): boolean {
  return state === 'pausing' || state === 'cancelling' || (state === 'active' && runNow > 0)
}

function refusal(orderId: OrderId, request: EntryRequest, entry: ScheduleEntry | undefined): CodedError {
  if (!entry) return new CodedError('wrong_state', `Order ${orderId} is not active yet; try again in a moment.`)
  const fields = [{ field: 'state', problem: `is ${entry.state}`, allowed: allowedStates[request.kind] }]
  return new CodedError('wrong_state', `Order ${orderId} is ${entry.state}, so ${request.kind} is not possible.`, {
    fields,
  })
}

const allowedStates: Record<EntryRequest['kind'], string> = {
  pause: 'active',
  resume: 'paused',
  cancel: 'active or paused',
  'run-now': 'active',
}
