import {
  planOf,
  upcomingAfter,
  type Clock,
  type EntryState,
  type Instant,
  type OrderId,
  type UserId,
} from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { OrderStore, PlacedOrder, ResultStore, ScheduleStore } from '@quarry/storage-port'
import { labelOf } from './show-orders.ts'

/** Of a customer with more orders, the newest are searched, filtered and sorted. */
export const MOST_ROWS = 10_000
/** Rows of all customers together that are kept. */
const MOST_KEPT_ROWS = 100_000
/** A hint of a change can be lost: a list is read anew after so long. */
const MOST_AGE_MS = 60_000
const PAGE_ROWS = 200

/** What an order is found and sorted by. */
export interface OrderRow {
  readonly id: OrderId
  readonly createdAt: Instant
  readonly name: string
  readonly url: string
  readonly tags: readonly string[]
  readonly state: EntryState | 'placing'
  readonly nextDueAt?: Instant
  readonly lastRunAt?: Instant
}

export interface CustomerRows {
  readonly rows: readonly OrderRow[]
  /** There are older orders, which are not among them. */
  readonly more: boolean
}

interface Kept {
  readonly readAt: Instant
  rows: Map<OrderId, OrderRow>
  more: boolean
  /** Orders that changed since they were read; `all` when it is not known which. */
  readonly changed: Set<OrderId>
  all: boolean
  readonly stop: () => void
}

export interface OrderRowsDeps {
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly live: LiveEvents
  readonly clock: Clock
}

/**
 * A slim list of each active customer's newest orders, put together from the stores and kept while it is asked for. Live
 * events say which orders to read again; a list that nobody asks for makes room for others. No store can sort by what three
 * of them know, so this serves both engines alike.
 */
export class OrderRows {
  readonly #deps: OrderRowsDeps
  readonly #kept = new Map<UserId, Kept>()
  readonly #reading = new Map<UserId, Promise<CustomerRows>>()

  constructor(deps: OrderRowsDeps) {
    this.#deps = deps
  }

  /** Askers at the same time share one reading, so what was confirmed before it began is in it, unless a hint is on its way. */
  of(customerId: UserId): Promise<CustomerRows> {
    const reading =
      this.#reading.get(customerId) ?? this.#read(customerId).finally(() => this.#reading.delete(customerId))
    this.#reading.set(customerId, reading)
    return reading
  }

  /** What this process changed itself need not wait for its hint. */
  changed(customerId: UserId, orderId: OrderId): void {
    this.#kept.get(customerId)?.changed.add(orderId)
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const customerId of [...this.#kept.keys()]) this.#forget(customerId)
  }

  async #read(customerId: UserId): Promise<CustomerRows> {
    const known = this.#kept.get(customerId)
    if (known && !known.all && this.#deps.clock.now() - known.readAt < MOST_AGE_MS) {
      await this.#refresh(customerId, known)
      return shown(known)
    }
    this.#forget(customerId)
    const kept = this.#keep(customerId)
    try {
      await this.#readAll(customerId, kept)
    } catch (error) {
      this.#forget(customerId)
      throw error
    }
    this.#makeRoom(customerId)
    return shown(kept)
  }

  #keep(customerId: UserId): Kept {
    const kept: Kept = {
      readAt: this.#deps.clock.now(),
      rows: new Map(),
      more: false,
      changed: new Set(),
      all: false,
      // Before anything is read, so that no change slips in between.
      stop: this.#deps.live.subscribe(`user:${customerId}`, (event) => {
        if (event.kind === 'order-changed' || event.kind === 'run-stored') kept.changed.add(event.orderId)
        if (event.kind === 'import-progress') kept.all = true
      }),
    }
    this.#kept.set(customerId, kept)
    return kept
  }

  #forget(customerId: UserId): void {
    this.#kept.get(customerId)?.stop()
    this.#kept.delete(customerId)
  }

  #makeRoom(inUse: UserId): void {
    let total = 0
    for (const { rows } of this.#kept.values()) total += rows.size
    for (const [customerId, { rows }] of this.#kept) {
      if (total <= MOST_KEPT_ROWS) return
      if (customerId === inUse) continue
      total -= rows.size
      this.#forget(customerId)
    }
  }

  async #readAll(customerId: UserId, kept: Kept): Promise<void> {
    let after: string | undefined
    do {
      const page = { limit: PAGE_ROWS, ...(after !== undefined && { after }) }
      const { items, next } = await this.#deps.orders.ofCustomer(customerId, page)
      await this.#put(kept, items)
      after = next
    } while (after !== undefined && kept.rows.size < MOST_ROWS)
    kept.more = after !== undefined
  }

  async #refresh(customerId: UserId, kept: Kept): Promise<void> {
    const ids = [...kept.changed]
    kept.changed.clear()
    try {
      for (let from = 0; from < ids.length; from += PAGE_ROWS) {
        const found = await Promise.all(ids.slice(from, from + PAGE_ROWS).map((id) => this.#deps.orders.find(id)))
        const own = found.filter((placed): placed is PlacedOrder => placed?.order.customerId === customerId)
        for (const { order, placement } of own) if (placement === 'rejected') kept.rows.delete(order.id)
        const standing = own.filter(({ placement }) => placement !== 'rejected')
        await this.#put(kept, standing)
      }
    } catch (error) {
      kept.all = true
      throw error
    }
  }

  async #put(kept: Kept, placed: readonly PlacedOrder[]): Promise<void> {
    const ids = placed.map(({ order }) => order.id)
    const [entries, totals] = await Promise.all([this.#deps.schedule.findMany(ids), this.#deps.results.totals(ids)])
    const now = this.#deps.clock.now()
    for (const [index, one] of placed.entries()) {
      const { id, createdAt, url } = one.order
      const entry = entries[index]
      const next = entry?.state === 'active' ? upcomingAfter(planOf(entry), now, 1)[0]?.dueAt : undefined
      const lastRunAt = totals[index]?.lastRun?.finishedAt
      kept.rows.set(id, {
        ...{ id, createdAt, url, ...labelOf(one), state: entry?.state ?? 'placing' },
        ...(next !== undefined && { nextDueAt: next }),
        ...(lastRunAt !== undefined && { lastRunAt }),
      })
    }
  }
}

function shown(kept: Kept): CustomerRows {
  return { rows: [...kept.rows.values()], more: kept.more }
}
