import type { CancelTimer, Clock } from '@quarry/domain'
import type { LeaderLease, Leadership } from '@quarry/storage-port'

const LEASE = 'scheduler-manager'

export interface LeadershipRules {
  readonly renewMs: number
  readonly takeOverMs: number
}

/** A manager as it appears in the lease; `holder` is new at every start of the process. */
export interface Candidate {
  readonly holder: string
  readonly address: string
}

/**
 * Keeps one manager of many primary: renews the lease while it leads, takes it over when it has stood still for
 * `takeOverMs`, steps down one look before another could do so, even while a renewal hangs. Elapsed time is counted
 * by timers and looks of its own, so that no two clocks are ever compared.
 */
export class HoldLeadership {
  readonly #lease: LeaderLease
  readonly #clock: Clock
  readonly #rules: LeadershipRules
  readonly #onError: (error: unknown) => void
  #me: Candidate | undefined
  #changed: () => void = () => undefined
  #held: Leadership | undefined
  #seen: Leadership | undefined
  #looks = 0
  #looksWithoutBeat = 0
  #resignedEpoch = 0
  #looking = false
  #lookAgain = false
  #abstaining = false
  #cancelAbstaining: CancelTimer | undefined
  #cancelLook: CancelTimer | undefined
  #cancelStepDown: CancelTimer | undefined
  #ended = false

  constructor(deps: { lease: LeaderLease; clock: Clock; onError?: (error: unknown) => void }, rules: LeadershipRules) {
    this.#lease = deps.lease
    this.#clock = deps.clock
    this.#onError = deps.onError ?? (() => undefined)
    this.#rules = rules
  }

  /** The leadership while this manager is primary. */
  get held(): Leadership | undefined {
    return this.#held
  }

  /** The primary as last seen, this manager or another. */
  get primary(): Leadership | undefined {
    return this.#held ?? this.#seen
  }

  /** Looks at the lease now and then every `renewMs`; `changed` is called whenever the primary is another, or none, or us. */
  async start(me: Candidate, changed: () => void): Promise<void> {
    this.#me = me
    this.#changed = changed
    await this.#lookOn()
  }

  stop(): void {
    this.#ended = true
    this.#cancelLook?.()
    this.#cancelStepDown?.()
    this.#cancelAbstaining?.()
    this.#held = undefined
  }

  /** The primary of this epoch said that it renews no more: nobody need wait until its lease has stood still. */
  resigned(epoch: number): void {
    this.#resignedEpoch = Math.max(this.#resignedEpoch, epoch)
    if (this.#looking) this.#lookAgain = true
    else void this.#lookOn()
  }

  /** Steps down and leaves the next leadership to others: for three take-over times it takes the lease from nobody. */
  abstain(): void {
    this.#abstaining = true
    this.#cancelAbstaining?.()
    this.#cancelAbstaining = this.#clock.after(3 * this.#rules.takeOverMs, () => (this.#abstaining = false))
    this.#stepDown()
  }

  /** Asks the store whether this manager still is primary, and not only believes so. */
  async confirm(): Promise<boolean> {
    if (!this.#held) return false
    const { ok } = await this.#lease.renew(LEASE, this.#held)
    return ok
  }

  async #lookOn(): Promise<void> {
    if (this.#ended) return
    this.#cancelLook?.()
    this.#looking = true
    await this.#look()
    this.#looking = false
    if (this.#ended) return
    const waitMs = this.#lookAgain ? 0 : this.#rules.renewMs
    this.#lookAgain = false
    this.#cancelLook = this.#clock.after(waitMs, () => void this.#lookOn())
  }

  async #look(): Promise<void> {
    const before = this.#standing()
    // Begun before the call: the store may have recorded it long before its answer comes.
    const cancelStepDown = this.#clock.after(this.#rules.takeOverMs - this.#rules.renewMs, () => this.#stepDown())
    let held: Leadership | undefined
    try {
      held = this.#held ? await this.#renew(this.#held) : await this.#tryTakeOver()
    } catch (error) {
      // Whether the lease still stands is not known; the next look tells, and the time to step down runs on.
      cancelStepDown()
      this.#onError(error)
      return
    }
    this.#looks++
    this.#cancelStepDown?.()
    this.#cancelStepDown = cancelStepDown
    if (!held || this.#ended) cancelStepDown()
    if (this.#ended) return
    this.#held = held
    if (this.#standing() !== before) this.#changed()
  }

  #stepDown(): void {
    if (!this.#held) return
    this.#held = undefined
    this.#changed()
  }

  #standing(): string {
    return `${this.#held !== undefined} ${this.primary?.epoch}`
  }

  async #renew(held: Leadership): Promise<Leadership | undefined> {
    const renewed = await this.#lease.renew(LEASE, held)
    // Stepped down while the renewal hung: a new leadership has to be won, above all that was handed out.
    if (renewed.ok) return this.#held && renewed.value
    this.#seen = renewed.error.current
    this.#looksWithoutBeat = 0
    return undefined
  }

  async #tryTakeOver(): Promise<Leadership | undefined> {
    const me = this.#me
    if (!me) return undefined
    const current = await this.#lease.read(LEASE)
    const stoodStill = current?.epoch === this.#seen?.epoch && current?.beat === this.#seen?.beat
    this.#looksWithoutBeat = stoodStill ? this.#looksWithoutBeat + 1 : 0
    this.#seen = current
    const abandoned =
      current === undefined ||
      // Our own from before a restart: one address, one process. Only at the start, lest two of the same address, which
      // a wrong configuration can make, take it from each other for ever.
      (this.#looks === 0 && current.address === me.address) ||
      // Our own, which we stepped down from without another having taken it.
      current.holder === me.holder ||
      current.epoch === this.#resignedEpoch ||
      this.#looksWithoutBeat * this.#rules.renewMs >= this.#rules.takeOverMs
    if (!abandoned || this.#abstaining) return undefined
    const taken = await this.#lease.takeOver(LEASE, me, current)
    if (taken.ok) return taken.value
    this.#seen = taken.error.current
    return undefined
  }
}
