import { sleep, type Clock } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { DispatchJobs } from './dispatch-jobs.ts'
import { moveTo, ownerKey, type HeldLease, type HeldLeases } from './held-leases.ts'
import type { MinerSession } from './miner-session.ts'

/** A job that a miner hands back rests so long, so that one which hands everything back turns no hot loop. */
const HANDED_BACK_REST_MS = 100
const DRAIN_LOOK_MS = 20

/** So long a miner may be away and still come back with its results. */
const RETURN_MS = 10_000

/** Miners coming and going, and what that means for the leases they hold. */
export class ServeMiners {
  readonly #queue: JobQueue
  readonly #clock: Clock
  readonly #held: HeldLeases
  readonly #dispatch: DispatchJobs
  readonly #overdueMs: number
  readonly #sessions = new Map<string, MinerSession>()
  #draining = false

  /** `overdueMs`: so long before its lease ends in the queue a miner's time is over. */
  constructor(
    deps: { queue: JobQueue; clock: Clock; held: HeldLeases; dispatch: DispatchJobs },
    rules: { overdueMs: number },
  ) {
    this.#queue = deps.queue
    this.#clock = deps.clock
    this.#held = deps.held
    this.#dispatch = deps.dispatch
    this.#overdueMs = rules.overdueMs
  }

  get count(): number {
    return this.#sessions.size
  }

  /**
   * A miner connects. Leases that it says it still holds go on in this session; its others were lost with its last
   * process, and somebody else gets them at once, but for those whose result is being stored. An older connection of
   * the same miner ends: usually its end was not noticed yet.
   */
  async join(session: MinerSession, holding: ReadonlySet<string>): Promise<void> {
    const lost: HeldLease[] = []
    for (const held of this.#held.of(session)) {
      if (holding.has(held.lease.token)) moveTo(held, session)
      else if (held.verdict === undefined) lost.push(held)
    }
    const older = this.#sessions.get(ownerKey(session))
    this.#sessions.set(ownerKey(session), session)
    if (older) {
      this.leave(older)
      older.end()
    }
    if (!this.#draining) this.#dispatch.capacityChanged(session)
    await this.#release(lost, { attempted: true })
  }

  /** A miner's connection ended. Its leases stay for a while: it may come back with their results. */
  leave(session: MinerSession): void {
    session.connected = false
    const key = ownerKey(session)
    if (this.#sessions.get(key) === session) this.#sessions.delete(key)
    this.#dispatch.leave(session)
    for (const held of this.#held.of(session)) {
      if (held.session !== session) continue
      moveTo(held, undefined)
      held.awaySince = this.#clock.now()
    }
  }

  changeCapacity(session: MinerSession, capacity: number): void {
    session.capacity = capacity
    if (!this.#draining) this.#dispatch.capacityChanged(session)
  }

  /** The miner hands jobs back that it has not begun. */
  async handBack(session: MinerSession, tokens: readonly string[]): Promise<void> {
    const held = tokens.flatMap((token) => this.#held.find(token, session) ?? [])
    await this.#release(
      held.filter(({ verdict }) => verdict === undefined),
      { attempted: false, restMs: HANDED_BACK_REST_MS },
    )
  }

  /**
   * Takes back what miners have not answered in time, or left behind when their connection ended and they did not come
   * back, so that somebody else gets it: not the same one, if there is another.
   */
  async endOverdue(): Promise<void> {
    const now = this.#clock.now()
    const isOver = ({ session, awaySince = now, expiresAt }: HeldLease) =>
      expiresAt <= now + this.#overdueMs || (session === undefined && now - awaySince >= RETURN_MS)
    await this.#release(
      this.#held.all().filter((held) => held.verdict === undefined && isOver(held)),
      { attempted: true },
    )
  }

  /**
   * Claims no more; resolves when every connected miner has answered and every result handed in is judged, or after
   * `patienceMs`. What is left then goes back to the queue.
   */
  async drain(patienceMs: number): Promise<void> {
    this.#draining = true
    const until = this.#clock.now() + patienceMs
    let claiming = true
    void this.#dispatch.stop().finally(() => (claiming = false))
    const busy = () =>
      claiming || this.#held.all().some(({ session, verdict }) => session !== undefined || verdict !== undefined)
    do {
      await sleep(this.#clock, DRAIN_LOOK_MS)
    } while (busy() && this.#clock.now() < until)
    await this.#release(
      this.#held.all().filter(({ verdict }) => verdict === undefined),
      { attempted: false },
    )
  }

  /** Gives jobs up before telling the queue: whoever else comes for them meanwhile finds them gone. */
  async #release(
    leases: readonly HeldLease[],
    { attempted, restMs = 0 }: { attempted: boolean; restMs?: number },
  ): Promise<void> {
    const given = leases.filter((held) => this.#held.remove(held))
    if (given.length === 0) return
    if (!this.#draining) for (const { session } of given) if (session) this.#dispatch.capacityChanged(session)
    const notBefore = this.#clock.now() + restMs
    await this.#queue.release(
      given.map((held) => ({ token: held.lease.token, notBefore, attempted, ...(attempted && { by: held.deviceId }) })),
    )
  }
}
