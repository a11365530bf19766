import type { SchedulerMember } from '@quarry/contracts'
import type { CancelTimer, Clock, Shard } from '@quarry/domain'
import { HandOutShards } from './hand-out-shards.ts'

export interface MembershipRules {
  /** Members that join or leave within this time get one hand-out together. */
  readonly settleMs: number
  /** How long a member whose connection broke may take to come back. */
  readonly rejoinMs: number
  /** How long a new primary waits for those who were members before it. */
  readonly gatherMs: number
}

/** What the membership brings to its surroundings. */
export interface MembershipEvents {
  /** The member's shard from now on. */
  shard(memberId: string, shard: Shard): void
  changed(change: 'joined' | 'left', member: SchedulerMember): void
}

interface Known {
  readonly member: SchedulerMember
  /** Runs while the member is not connected; at its end it is one no more. */
  cancelLeaving: CancelTimer | undefined
  connected: boolean
}

/**
 * The schedulers, as the primary leads them and as a backup learns of them. A new primary counts on those that it learnt
 * of: they keep their index while they come, so that a change of primary moves no bucket. One that learnt of nobody (all
 * managers were down) waits until as many are here as those who come say that they were.
 */
export class LeadSchedulers {
  readonly #clock: Clock
  readonly #rules: MembershipRules
  readonly #events: MembershipEvents
  readonly #shards = new HandOutShards()
  readonly #members = new Map<string, Known>()
  #current: ReadonlyMap<string, Shard> = new Map()
  #leading = false
  /** While a new leadership gathers its members: so many there were before. */
  #expected = 0
  #heldBack = false
  #cancelGathering: CancelTimer | undefined
  #cancelHandOut: CancelTimer | undefined

  constructor(deps: { clock: Clock; events: MembershipEvents }, rules: MembershipRules) {
    this.#clock = deps.clock
    this.#events = deps.events
    this.#rules = rules
  }

  get members(): readonly SchedulerMember[] {
    return [...this.#members.values()].map(({ member }) => member)
  }

  /** The epoch of the last hand-out. */
  get epoch(): number {
    return this.#shards.epoch
  }

  /** Begins a leadership; members that do not come within `gatherMs` are dropped. */
  lead(leaderEpoch: number): void {
    this.#shards.lead(leaderEpoch)
    this.#leading = true
    this.#current = new Map()
    this.#expected = this.#members.size
    this.#cancelGathering?.()
    this.#cancelGathering = this.#clock.after(this.#rules.gatherMs, () => {
      this.#cancelGathering = undefined
      if (this.#heldBack) this.#handOutSoon()
    })
    for (const known of this.#members.values()) if (!known.connected) this.#leaveLater(known, this.#rules.gatherMs)
    this.#handOutSoon()
  }

  /** Leads no more: the members stay known, and nobody is told anything. */
  stepDown(): void {
    this.#leading = false
    this.#cancelGathering?.()
    this.#cancelGathering = undefined
    this.#cancelHandOut?.()
    this.#cancelHandOut = undefined
    for (const known of this.#members.values()) {
      known.cancelLeaving?.()
      known.connected = false
    }
  }

  /** What the primary said of the members; to be called by a backup only. */
  learn(members: readonly SchedulerMember[]): void {
    this.#members.clear()
    for (const member of members) this.learnChange('joined', member)
  }

  learnChange(change: 'joined' | 'left', member: SchedulerMember): void {
    if (change === 'left') this.#members.delete(member.memberId)
    else this.#members.set(member.memberId, { member, cancelLeaving: undefined, connected: false })
  }

  /** A scheduler connected to this primary. `shard` is the one that it acts on, of this primary or another. */
  arrived(member: SchedulerMember, shard: Shard | undefined): void {
    this.#expected = Math.max(this.#expected, shard?.count ?? 0)
    const known = this.#members.get(member.memberId)
    known?.cancelLeaving?.()
    this.#members.set(member.memberId, { member, cancelLeaving: undefined, connected: true })
    const standing = this.#current.get(member.memberId)
    if (known && standing) return this.#events.shard(member.memberId, standing)
    if (!known) this.#events.changed('joined', member)
    this.#handOutSoon()
  }

  /** Its connection broke; that alone does not end a scheduler. */
  lost(memberId: string): void {
    const known = this.#members.get(memberId)
    if (!known?.connected) return
    known.connected = false
    this.#leaveLater(known, this.#rules.rejoinMs)
  }

  /** It leaves on purpose. */
  left(memberId: string): void {
    const known = this.#members.get(memberId)
    if (!known) return
    known.cancelLeaving?.()
    this.#members.delete(memberId)
    this.#expected--
    this.#events.changed('left', known.member)
    this.#handOutSoon()
  }

  /** Somebody acts on a shard of this epoch already; to be called by whom the store confirmed as primary. */
  raiseTo(epoch: number): void {
    if (epoch <= this.#shards.epoch) return
    this.#shards.raiseTo(epoch)
    this.#handOutSoon()
  }

  #leaveLater(known: Known, delayMs: number): void {
    known.cancelLeaving?.()
    known.cancelLeaving = this.#clock.after(delayMs, () => this.left(known.member.memberId))
  }

  #handOutSoon(): void {
    if (!this.#leading || this.#cancelHandOut) return
    this.#cancelHandOut = this.#clock.after(this.#rules.settleMs, () => {
      this.#cancelHandOut = undefined
      this.#handOut()
    })
  }

  #handOut(): void {
    if (this.#members.size === 0) return
    this.#heldBack = this.#cancelGathering !== undefined && this.#members.size < this.#expected
    if (this.#heldBack) return
    this.#current = this.#shards.handOut(this.#members.keys())
    for (const [memberId, shard] of this.#current) {
      if (this.#members.get(memberId)?.connected) this.#events.shard(memberId, shard)
    }
  }
}
