import type { SchedulerMember } from '@quarry/contracts'
import type { Shard } from '@quarry/domain'
import { HoldLeadership, LeadSchedulers } from '@quarry/scheduler-manager/application'
import type { Ports } from '../engines/sim-engines.ts'
import { connect, type LinkEnd } from '../faults/link.ts'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import { everyRound } from './rounds.ts'
import type { SchedulerService } from './scheduler-service.ts'

const leadership = { renewMs: 1_000, takeOverMs: 4_000 }
const membership = { settleMs: 50, rejoinMs: 2_000, gatherMs: 5_000 }
const FOLLOW_MS = 1_000

/** A connected scheduler, as a manager sees it. */
export interface SchedulerEnd {
  readonly member: SchedulerMember
  /** The shard that it acts on already. */
  readonly shard: Shard | undefined
  assign(shard: Shard): void
  redirect(primary: Slot<ManagerService>): void
  close(): void
}

export interface ManagerSurroundings {
  readonly network: Network
  readonly managers: () => readonly Slot<ManagerService>[]
  readonly schedulers: () => readonly Slot<SchedulerService>[]
}

/** A scheduler-manager process: leadership and membership as they are, and a model of their sockets. */
export class ManagerService {
  readonly process: SimProcess
  readonly #surroundings: ManagerSurroundings
  readonly #leadership: HoldLeadership
  readonly #schedulers: LeadSchedulers
  readonly #ends = new Map<string, SchedulerEnd>()
  /** While this manager leads: those that follow it. */
  readonly #followers = new Set<LinkEnd>()
  readonly #followed = new Map<LinkEnd, ManagerService>()
  #leadsEpoch: number | undefined
  #following: LinkEnd | undefined

  constructor(process: SimProcess, ports: Ports, surroundings: ManagerSurroundings) {
    this.process = process
    this.#surroundings = surroundings
    this.#leadership = new HoldLeadership({ lease: ports.leases, clock: ports.clock }, leadership)
    this.#schedulers = new LeadSchedulers(
      {
        clock: ports.clock,
        events: {
          shard: (memberId, shard) => this.#ends.get(memberId)?.assign(shard),
          changed: (change, member) => this.#tellFollowers((backup) => backup.learnt(change, member)),
        },
      },
      membership,
    )
    const me = { holder: process.name, address: this.#address }
    void this.#leadership.start(me, () => this.#leadershipChanged())
    everyRound(ports.clock, FOLLOW_MS, () => this.#follow())
  }

  /** Where it is found, whichever process runs there. */
  get #address(): string {
    return this.process.name.split('.')[0] ?? ''
  }

  get leads(): boolean {
    return this.#leadership.held !== undefined
  }

  async stop(): Promise<void> {
    this.#leadership.stop()
  }

  schedulerConnected(end: SchedulerEnd): { leave(): void; closed(): void } {
    const { memberId } = end.member
    if (!this.leads) {
      const primary = this.#primarySlot()
      if (primary && primary.name !== this.#address) end.redirect(primary)
      else end.close()
      return { leave: () => undefined, closed: () => undefined }
    }
    this.#ends.get(memberId)?.close()
    this.#ends.set(memberId, end)
    this.#schedulers.arrived(end.member, end.shard)
    if (end.shard && end.shard.epoch > this.#schedulers.epoch) void this.#raiseTo(end.shard.epoch)
    return {
      leave: () => {
        this.#ends.delete(memberId)
        this.#schedulers.left(memberId)
      },
      closed: () => {
        if (this.#ends.get(memberId) !== end) return
        this.#ends.delete(memberId)
        if (this.leads) this.#schedulers.lost(memberId)
      },
    }
  }

  /** What this backup hears from the primary. */
  learnt(change: 'joined' | 'left', member: SchedulerMember): void {
    if (!this.leads) this.#schedulers.learnChange(change, member)
  }

  /** Another manager follows this one; it is told all members first. */
  followedBy(link: LinkEnd, backup: ManagerService): void {
    const { members } = this.#schedulers
    this.#followers.add(link)
    this.#followed.set(link, backup)
    link.send(() => {
      if (!backup.leads) backup.#schedulers.learn(members)
    })
  }

  async #raiseTo(epoch: number): Promise<void> {
    try {
      if (await this.#leadership.confirm()) this.#schedulers.raiseTo(epoch)
    } catch {
      // Not known to lead: nothing is raised, and a later arrival asks again.
    }
  }

  #leadershipChanged(): void {
    const epoch = this.#leadership.held?.epoch
    if (epoch === this.#leadsEpoch) return
    this.#leadsEpoch = epoch
    if (epoch === undefined) return this.#stepDown()
    this.process.world.trace.tell(this.process.world.now, `${this.process.name} leads with epoch ${epoch}`)
    this.#following?.close()
    this.#schedulers.lead(epoch)
    const { network, schedulers } = this.#surroundings
    const here = this.#primarySlot()
    for (const { process, service } of schedulers()) {
      if (!here || !process || !service || process.cutOff) continue
      if (this.#schedulers.members.some(({ memberId }) => memberId === service.member.memberId))
        process.deliver(network.latencyMs(), () => service.noticed(here))
    }
  }

  #stepDown(): void {
    this.#schedulers.stepDown()
    for (const end of this.#ends.values()) end.close()
    this.#ends.clear()
    for (const link of this.#followers) link.close()
    this.#followers.clear()
    this.#followed.clear()
  }

  #tellFollowers(tell: (backup: ManagerService) => void): void {
    for (const [link, backup] of this.#followed) link.send(() => tell(backup))
  }

  #follow(): void {
    if (this.leads || this.#following?.open) return
    const slot = this.#primarySlot()
    const primary = slot?.process
    if (!slot || !primary || slot.name === this.#address || primary.cutOff || this.process.cutOff) return
    const { network } = this.#surroundings
    primary.deliver(network.latencyMs(), () => {
      const service = slot.service
      if (!service?.leads || slot.process !== primary || this.process.state === 'dead') return
      const [here, there] = connect(network, [this.process, primary], [() => undefined, () => service.#forget(there)])
      this.#following = here
      service.followedBy(there, this)
    })
  }

  #forget(link: LinkEnd): void {
    this.#followers.delete(link)
    this.#followed.delete(link)
  }

  #primarySlot(): Slot<ManagerService> | undefined {
    const address = this.#leadership.primary?.address
    return this.#surroundings.managers().find(({ name }) => name === address)
  }
}
