import { Unavailable, UnknownOutcome, type Instant } from '@quarry/domain'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { World } from '../kernel/world.ts'
import type { Weather } from './weather.ts'

export type EngineName = 'schedule' | 'results' | 'orders' | 'ledger' | 'leases' | 'queue' | 'bus' | 'coin'

/** Looking for work: it shows no activity, and is nothing to die at. */
const looks = new Set([
  'schedule.bucket',
  'schedule.entriesChangedSince',
  'schedule.find',
  'schedule.findMany',
  'results.totals',
  'results.unsettled',
  'results.inbox',
  'results.body',
  'results.run',
  'orders.unplaced',
  'orders.find',
  'ledger.balance',
  'coin.balance',
  'leases.read',
  'leases.renew',
  'queue.claim',
  'queue.reap',
  'queue.identity',
  'queue.holds',
  'queue.depth',
])
/** Looks that come by the hundred each round: they take no time while all is well. */
const quickLooks = new Set(['schedule.bucket', 'queue.identity', 'results.inbox', 'orders.unplaced', 'leases.read'])

/** There are so many of them that each must fail less often than other calls. */
const LOOKS_FAIL_LESS = 0.05

/** Their calls may end long after they were made: somebody else has to act first. */
const lastingEngines = new Set<EngineName>(['bus', 'coin'])

/** A connection that is cut is noticed after this long. */
const CUT_NOTICED_MS = 2_000

type Fate = 'done' | 'refused' | 'unknown'

/**
 * Everything between processes and engines: each call takes time, and may fail before or after it was done, or never come
 * back because its process died. Every call is an event of its own, so anything can happen between any two.
 */
export class Network {
  readonly #world: World
  readonly #weather: Weather
  /** Engines that answer nobody now. */
  readonly outages = new Set<EngineName>()
  #calm = false
  #lastActivityAt: Instant

  constructor(world: World, weather: Weather) {
    this.#world = world
    this.#weather = weather
    this.#lastActivityAt = world.now
  }

  /** When something last happened that was more than looking for work. */
  get lastActivityAt(): Instant {
    return this.#lastActivityAt
  }

  active(): void {
    this.#lastActivityAt = this.#world.now
  }

  /** From now on nothing fails by chance. */
  becomeCalm(): void {
    this.#calm = true
    this.outages.clear()
  }

  /** Mostly milliseconds, sometimes seconds. */
  latencyMs(look = false): number {
    const { random } = this.#world
    if (!this.#calm && random.chance(look ? this.#weather.slow * LOOKS_FAIL_LESS : this.#weather.slow))
      return random.whole(200, 8_000)
    return random.whole(1, 6)
  }

  /** Whether something of this probability goes wrong; nothing does at the end. */
  goesWrong(probability: number): boolean {
    return !this.#calm && this.#world.random.chance(probability)
  }

  get weather(): Weather {
    return this.#weather
  }

  /** The engine's port as one process sees it. */
  guard<T extends object>(process: SimProcess, engine: EngineName, port: T): T {
    const lasting = lastingEngines.has(engine)
    const calls = new Map<PropertyKey, unknown>()
    return new Proxy(port, {
      get: (target, key) => {
        const known = calls.get(key)
        if (known !== undefined) return known
        const member: unknown = Reflect.get(target, key, target)
        if (typeof member !== 'function') return member
        const name = `${engine}.${String(key)}`
        const call = (...args: unknown[]) =>
          this.#call(process, {
            engine,
            name,
            args,
            lasting,
            run: () => Reflect.apply(member, target, args) as Promise<unknown>,
          })
        calls.set(key, call)
        return call
      },
    })
  }

  #call(process: SimProcess, call: Call): Promise<unknown> {
    const { world, state } = process
    if (state === 'dead') return never()
    if (quickLooks.has(call.name) && !this.outages.has(call.engine) && !process.cutOff) return world.working(call.run())
    const look = looks.has(call.name)
    if (!look) this.active()
    let delayMs = this.latencyMs(look)
    const trap = look ? undefined : sprung(process)
    if (trap?.what === 'die' && !trap.sent) {
      process.kill(`before ${call.name}`)
      return never()
    }
    if (trap?.what === 'pause' && !trap.sent) delayMs += trap.pauseMs
    const answer = new Promise<unknown>((resolve, reject) => {
      world.after(delayMs, () => this.#arrive(process, call, { resolve, reject }))
    })
    if (trap?.what === 'die') process.kill(`after ${call.name}`)
    if (trap?.what === 'pause') process.pause(trap.pauseMs)
    return answer
  }

  #arrive(process: SimProcess, call: Call, answer: Answer): void {
    const { world } = process
    // Its process may have slept since it made the call.
    if (!looks.has(call.name)) this.active()
    const fate = this.#fate(process, call)
    const label = `${process.name} ${call.name}`
    if (fate === 'refused') {
      world.trace.step(world.now, `${label} FAILS, not done:`, () => call.args)
      const waitMs = process.cutOff ? CUT_NOTICED_MS : this.latencyMs()
      world.after(waitMs, () => answer.reject(new Unavailable(`${call.name} (simulated)`)), process)
      return
    }
    world.trace.step(
      world.now,
      `${label}${fate === 'unknown' ? ' is done, but the answer is LOST:' : ''}`,
      () => call.args,
    )
    const lost = () => answer.reject(new UnknownOutcome(`${call.name} (simulated)`))
    const back = (settle: () => void) => {
      if (fate === 'unknown' || process.cutOff) world.after(CUT_NOTICED_MS, lost, process)
      else world.after(this.latencyMs(looks.has(call.name)), settle, process)
    }
    const done = call.lasting ? call.run() : world.working(call.run())
    done.then(
      (value) => back(() => answer.resolve(value)),
      (error: unknown) => back(() => answer.reject(error)),
    )
  }

  #fate(process: SimProcess, { engine, name }: Call): Fate {
    const often = looks.has(name) ? LOOKS_FAIL_LESS : 1
    if (process.cutOff || this.outages.has(engine) || this.goesWrong(this.#weather.refused * often)) return 'refused'
    return this.goesWrong(this.#weather.unknown * often) ? 'unknown' : 'done'
  }
}

interface Call {
  readonly engine: EngineName
  readonly name: string
  readonly args: readonly unknown[]
  readonly lasting: boolean
  readonly run: () => Promise<unknown>
}

interface Answer {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

function sprung(process: SimProcess) {
  const { trap } = process
  if (trap === undefined || trap.calls-- > 0) return undefined
  process.trap = undefined
  return trap
}

/** What a dead process waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}
