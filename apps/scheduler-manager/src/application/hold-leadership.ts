import type { CancelTimer, Clock } from '@quarry/domain'
import type { LeaderLease, Leadership } from '@quarry/storage-port'

const LEASE = 'scheduler-manager'

export interface LeadershipRules {
  readonly renewMs: number
  readonly takeOverMs: number
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
  readonly #me: { holder: string; address: string }
  #held: Leadership | undefined
  #seen: Leadership | undefined
  #looksWithoutBeat = 0
  #cancelLook: CancelTimer | undefined
  #cancelStepDown: CancelTimer | undefined
  #ended = false

  constructor(
    deps: { lease: LeaderLease; clock: Clock },
    rules: LeadershipRules,
    me: { holder: string; address: string },
  ) {
    this.#lease = deps.lease
    this.#clock = deps.clock
    this.#rules = rules
    this.#me = me
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
  async start(changed: () => void): Promise<void> {
    await this.#look(changed)
    if (!this.#ended) this.#cancelLook = this.#clock.after(this.#rules.renewMs, () => void this.start(changed))
  }

  stop(): void {
    this.#ended = true
    this.#cancelLook?.()
    this.#cancelStepDown?.()
    this.#held = undefined
  }

  async #look(changed: () => void): Promise<void> {
    const before = this.#standing()
    try {
      const held = this.#held ? await this.#renew(this.#held) : await this.#tryTakeOver()
      if (this.#ended) return
      this.#held = held
      this.#stepDownLater(changed)
    } catch {
      // Whether the lease still stands is not known; the next look tells, and the time to step down runs on.
    }
    if (!this.#ended && this.#standing() !== before) changed()
  }

  #stepDownLater(changed: () => void): void {
    this.#cancelStepDown?.()
    if (!this.#held) return
    this.#cancelStepDown = this.#clock.after(this.#rules.takeOverMs - this.#rules.renewMs, () => {
      this.#held = undefined
      changed()
    })
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
    const current = await this.#lease.read(LEASE)
    const stoodStill = current?.epoch === this.#seen?.epoch && current?.beat === this.#seen?.beat
    this.#looksWithoutBeat = stoodStill ? this.#looksWithoutBeat + 1 : 0
    this.#seen = current
    // A lease that names this very address is our own from before a restart: one address, one process.
    const ours = current?.address === this.#me.address
    const abandoned =
      current === undefined || ours || this.#looksWithoutBeat * this.#rules.renewMs >= this.#rules.takeOverMs
    if (!abandoned) return undefined
    const taken = await this.#lease.takeOver(LEASE, this.#me, current)
    if (taken.ok) return taken.value
    this.#seen = taken.error.current
    return undefined
  }
}
