import type { Clock } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { DispatchJobs } from './dispatch-jobs.ts'
import type { HeldLease, HeldLeases } from './held-leases.ts'
import type { MinerSession } from './miner-session.ts'

/** Miners coming and going, and what that means for the leases they hold. */
export class ServeMiners {
  readonly #queue: JobQueue
  readonly #clock: Clock
  readonly #held: HeldLeases
  readonly #dispatch: DispatchJobs
  readonly #sessions = new Set<MinerSession>()
  #draining = false

  constructor(deps: { queue: JobQueue; clock: Clock; held: HeldLeases; dispatch: DispatchJobs }) {
    this.#queue = deps.queue
    this.#clock = deps.clock
    this.#held = deps.held
    this.#dispatch = deps.dispatch
  }

  get sessions(): ReadonlySet<MinerSession> {
    return this.#sessions
  }

  /**
   * A miner connects. Leases of its device that it says it still holds go on in this session; its others were lost with
   * its last process, and somebody else gets them at once.
   */
  async join(session: MinerSession, holding: ReadonlySet<string>): Promise<void> {
    const lost: HeldLease[] = []
    for (const held of this.#held.ofDevice(session.deviceId)) {
      if (!holding.has(held.lease.token)) lost.push(held)
      else if (held.session === undefined) {
        held.session = session
        if (!held.answered) session.outstanding++
      }
    }
    this.#sessions.add(session)
    if (!this.#draining) this.#dispatch.capacityChanged(session)
    await this.#release(lost, true)
  }

  /** A miner's connection ended. Its leases stay for a while: it may come back with their results. */
  leave(session: MinerSession): void {
    this.#sessions.delete(session)
    this.#dispatch.leave(session)
    for (const held of this.#held.ofDevice(session.deviceId)) {
      if (held.session === session) held.session = undefined
    }
  }

  changeCapacity(session: MinerSession, capacity: number): void {
    session.capacity = capacity
    this.#dispatch.capacityChanged(session)
  }

  /** The miner hands jobs back that it has not begun. */
  async handBack(session: MinerSession, tokens: readonly string[]): Promise<void> {
    const held = tokens.flatMap((token) => this.#held.find(token, session.deviceId) ?? [])
    await this.#release(held, false)
    this.#dispatch.capacityChanged(session)
  }

  forgetExpired(graceMs: number): void {
    this.#held.forgetExpired(this.#clock.now(), graceMs)
  }

  /** Claims no more; resolves when every lease is answered, or after `patienceMs`, when the rest goes back to the queue. */
  async drain(patienceMs: number): Promise<void> {
    this.#draining = true
    this.#dispatch.stop()
    const until = this.#clock.now() + patienceMs
    while (this.#held.all().some((held) => held.session !== undefined) && this.#clock.now() < until) {
      await new Promise<void>((resolve) => void this.#clock.after(20, resolve))
    }
    await this.#release(this.#held.all(), false)
  }

  async #release(leases: readonly HeldLease[], attempted: boolean): Promise<void> {
    if (leases.length === 0) return
    const notBefore = this.#clock.now()
    await this.#queue.release(
      leases.map((held) => ({ token: held.lease.token, notBefore, attempted, ...(attempted && { by: held.deviceId }) })),
    )
    for (const held of leases) {
      this.#held.remove(held.lease.token)
      if (held.session && !held.answered) held.session.outstanding--
    }
  }
}
