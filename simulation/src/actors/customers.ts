import type { PlaceOrder } from '@quarry/contracts'
import type { CatchUp, EntryRequest, Instant, OrderId, UserId } from '@quarry/domain'
import type { Network } from '../faults/network.ts'
import type { World } from '../kernel/world.ts'
import type { Slot } from '../kernel/slot.ts'
import { FAUCET_COINS, type BackendService } from '../services/backend-service.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Most orders are due on this grid, so that many are due at once and long calms lie between. */
export const GRID_MS = 6 * HOUR_MS
const ANSWER_MS = 12_000
const TRY_AGAIN_MS = 3_000

export interface CustomersOptions {
  readonly network: Network
  readonly backends: () => readonly Slot<BackendService>[]
  readonly days: number
  readonly customers: number
  readonly orders: number
  readonly hosts: readonly string[]
}

/** Customers: they place orders of all kinds, pause, resume, bring forward and cancel them, and try again when nobody answers. */
export class Customers {
  readonly ids: readonly UserId[]
  readonly #world: World
  readonly #options: CustomersOptions
  readonly #placed = new Map<OrderId, UserId>()
  readonly #ownedBy = new Map<UserId, OrderId[]>()
  #keys = 0
  #over = false

  constructor(world: World, options: CustomersOptions) {
    this.#world = world
    this.#options = options
    this.ids = Array.from({ length: options.customers }, (_, index) => `customer-${index}`)
    for (const id of this.ids) this.#untilDone((backend) => backend.faucet.run(id, FAUCET_COINS))
    for (let index = 0; index < options.orders; index++) this.#planOrder(world.random.pick(this.ids))
  }

  /** Nothing more is ordered; whatever still runs is cancelled. */
  cancelAll(): void {
    this.#over = true
    for (const [orderId, customerId] of this.#placed) this.#ask(orderId, customerId, { kind: 'cancel' })
  }

  #planOrder(customerId: UserId): void {
    const { random } = this.#world
    const days = this.#options.days
    const inMs = random.chance(0.5)
      ? random.whole(0, Math.floor(days * 0.1 * DAY_MS))
      : random.whole(0, Math.floor(days * 0.9 * DAY_MS))
    this.#world.after(MINUTE_MS + this.#nearGrid(inMs), () => {
      const key = `k${this.#keys++}`
      const wish = this.#wish()
      this.#untilDone(async (backend) => {
        const placed = await backend.place.run(wish, customerId, key)
        if (placed.ok) this.#nowPlaced(placed.value.id, customerId)
      })
    })
  }

  #nowPlaced(orderId: OrderId, customerId: UserId): void {
    if (this.#placed.has(orderId)) return
    this.#placed.set(orderId, customerId)
    this.#ownedBy.set(customerId, [...(this.#ownedBy.get(customerId) ?? []), orderId])
    const { random } = this.#world
    for (let wishes = random.pick([0, 0, 1, 1, 2, 4]); wishes > 0; wishes--) {
      const kind = random.weighted({ pause: 4, 'run-now': 3, cancel: 2 })
      this.#world.after(this.#nearGrid(random.whole(0, 6 * DAY_MS)), () => this.#wishFor(orderId, customerId, kind))
    }
  }

  #wishFor(orderId: OrderId, customerId: UserId, kind: 'pause' | 'run-now' | 'cancel'): void {
    if (this.#over) return
    const { random } = this.#world
    this.#ask(orderId, customerId, { kind })
    if (kind === 'pause')
      this.#world.after(random.pick([200, 5_000, 2 * HOUR_MS, 2 * DAY_MS]), () =>
        this.#over ? undefined : this.#ask(orderId, customerId, { kind: 'resume', now: this.#world.now }),
      )
    if (random.chance(0.2)) this.#world.after(random.whole(0, 4_000), () => this.#wishFor(orderId, customerId, kind))
  }

  #ask(orderId: OrderId, customerId: UserId, request: EntryRequest): void {
    const once = async (backend: BackendService) => {
      try {
        const wish = request.kind === 'resume' ? { ...request, now: backend.clock.now() } : request
        await backend.change.run(orderId, customerId, wish)
      } catch (error) {
        // The order's state does not allow it: that is an answer.
        if (!(error instanceof Error && 'code' in error && error.code === 'wrong_state')) throw error
      }
    }
    // At the end everybody insists.
    this.#untilDone(once, this.#over ? Infinity : this.#world.random.whole(1, 3))
  }

  /** Asks any backend until one has answered, or so many times. */
  #untilDone(action: (backend: BackendService) => Promise<void>, times = Infinity): void {
    if (times <= 0) return
    const { random } = this.#world
    this.#options.network.active()
    const slot = random.pick(this.#options.backends())
    const process = slot.isUp ? slot.process : undefined
    let over = false
    const again = () => {
      if (over) return
      over = true
      this.#world.after(TRY_AGAIN_MS, () => this.#untilDone(action, times - 1))
    }
    this.#world.after(ANSWER_MS, again)
    process?.deliver(this.#options.network.latencyMs(), () => {
      const backend = slot.service
      if (!backend) return
      action(backend).then(() => {
        over = true
      }, again)
    })
  }

  /** Often close to a moment at which much is due. */
  #nearGrid(inMs: number): number {
    const { random, now } = this.#world
    if (random.chance(0.3)) return inMs
    const grid = Math.round((now + inMs) / GRID_MS) * GRID_MS
    return Math.max(0, grid - now + random.whole(-20_000, 20_000))
  }

  #wish(): PlaceOrder {
    const { random, now } = this.#world
    const host = random.pick(this.#options.hosts)
    const nextGrid = (Math.floor(now / GRID_MS) + 1) * GRID_MS
    const shape = random.weighted({ grid: 60, hourly: 6, burst: 14, once: 10, cron: 10 })
    const common = {
      url: `https://${host}/page-${random.whole(1, 40)}`,
      name: '',
      priceCoins: random.whole(1, 5),
      patienceMs: random.pick([MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS]),
      catchUp: random.pick<CatchUp>(['latest', 'all', 'none']),
    }
    switch (shape) {
      case 'grid': {
        const intervalMs = random.pick([GRID_MS, 2 * GRID_MS, DAY_MS])
        return {
          ...common,
          schedule: { kind: 'interval', startAt: nextGrid, intervalMs },
          repetitions: random.whole(2, 60),
        }
      }
      case 'hourly':
        return {
          ...common,
          schedule: { kind: 'interval', startAt: nextGrid, intervalMs: HOUR_MS },
          repetitions: random.whole(6, 24),
        }
      case 'burst':
        return {
          ...common,
          schedule: {
            kind: 'interval',
            startAt: this.#burstStart(nextGrid),
            intervalMs: random.pick([10_000, 20_000]),
          },
          repetitions: random.whole(5, 30),
        }
      case 'once':
        return {
          ...common,
          schedule: { kind: 'once', ...(random.chance(0.5) && { startAt: nextGrid }) },
          repetitions: 1,
        }
      case 'cron': {
        const schedule = { kind: 'cron', expression: '0 6,18 * * *', timeZone: 'Etc/UTC' } as const
        return { ...common, schedule, repetitions: random.whole(2, 30) }
      }
    }
  }

  #burstStart(nextGrid: Instant): Instant {
    const { random, now } = this.#world
    return random.chance(0.5) ? now + random.whole(0, 30_000) : nextGrid
  }
}
