import type { CancelTimer, Clock } from '@quarry/domain'
import type { LeaderLease, Leadership } from '@quarry/storage-port'

const LEASE = 'scheduler-manager'

export interface LeadershipRules {
  readonly renewMs: number
  readonly takeOverMs: number
}

/**
 * Keeps one manager of many primary: renews the lease while it leads, takes it over when it has stood still for
 * `takeOverMs`, steps down when it could not renew for half of that. Elapsed time is counted in looks of its own, so
 * that no two clocks are ever compared.
 */
export class HoldLeadership {
  readonly #lease: LeaderLease
  readonly #clock: Clock
  readonly #rules: LeadershipRules
  readonly #me: { holder: string; address: string }
  #held: Leadership | undefined
  #seen: Leadership | undefined
  #looksWithoutBeat = 0
  #failedRenewals = 0
  #cancel: CancelTimer | undefined
  #ended = false

  constructor(deps: { lease: LeaderLease; clock: Clock }, rules: LeadershipRules, me: { holder: string; address: string }) {
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

  /** Looks at the lease now and then every `renewMs`; `changed` is called whenever this manager won or lost it. */
  async start(changed: () => void): Promise<void> {
    await this.#look(changed)
    if (!this.#ended) this.#cancel = this.#clock.after(this.#rules.renewMs, () => void this.start(changed))
  }

  stop(): void {
    this.#ended = true
    this.#cancel?.()
    this.#held = undefined
  }

  async #look(changed: () => void): Promise<void> {
    const before = this.#held?.epoch
    try {
      this.#held = this.#held ? await this.#renew(this.#held) : await this.#tryTakeOver()
      this.#failedRenewals = 0
    } catch {
      this.#failedRenewals++
      if (this.#failedRenewals * this.#rules.renewMs > this.#rules.takeOverMs / 2) this.#held = undefined
    }
    if (!this.#ended && this.#held?.epoch !== before) changed()
  }

  async #renew(held: Leadership): Promise<Leadership | undefined> {
    const renewed = await this.#lease.renew(LEASE, held)
    if (renewed.ok) return renewed.value
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
    const abandoned = current === undefined || ours || this.#looksWithoutBeat * this.#rules.renewMs >= this.#rules.takeOverMs
    if (!abandoned) return undefined
    const taken = await this.#lease.takeOver(LEASE, this.#me, current)
    if (taken.ok) return taken.value
    this.#seen = taken.error.current
    return undefined
  }
}
