import type { SchedulerMember } from '@quarry/contracts'
import { BUCKET_COUNT, type Shard } from '@quarry/domain'
import {
  AnswerRequests,
  EmitJobs,
  ExtendHorizon,
  GiveUps,
  KeepSchedule,
  noMeter,
  RecoverOrder,
  RunScheduler,
  TakeOverBuckets,
} from '@quarry/scheduler/application'
import type { Ports } from '../engines/sim-engines.ts'
import { connect, type LinkEnd } from '../faults/link.ts'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import type { ManagerService, SchedulerEnd } from './manager-service.ts'

const CONNECT_MS = 2_000
const RETRY_MS = 200
const LEAVE_MS = 1_000

export const schedulerTimes = { watermarkMs: 2_000, rereadMs: 10_000, closeMs: 10_000 }

export interface SchedulerSurroundings {
  readonly network: Network
  readonly managers: () => readonly Slot<ManagerService>[]
  readonly gapMs: (host: string) => number
}

/** A scheduler process: the application as it is, and a model of its connection to the managers. */
export class SchedulerService {
  readonly process: SimProcess
  readonly member: SchedulerMember
  readonly #surroundings: SchedulerSurroundings
  readonly #keep: KeepSchedule
  readonly #run: RunScheduler
  #link: LinkEnd | undefined
  #attempt = 0
  #tries = 0
  #stopped = false

  constructor(process: SimProcess, ports: Ports, surroundings: SchedulerSurroundings) {
    this.process = process
    this.#surroundings = surroundings
    this.member = { memberId: process.name.replaceAll('.', '~'), address: `http://${process.name}` }
    const { schedule, results, queue, bus, live, clock, random } = ports
    const emit = new EmitJobs({ queue, bus, clock, random, gaps: { gapMs: surroundings.gapMs }, meter: noMeter })
    const giveUps = new GiveUps(emit)
    const extendHorizon = new ExtendHorizon({ schedule, clock })
    this.#keep = new KeepSchedule({
      schedule,
      results,
      queue,
      clock,
      emit,
      giveUps,
      takeOver: new TakeOverBuckets(schedule, this.member.memberId),
      recover: new RecoverOrder({ results, queue, emit, extendHorizon, giveUps, clock }),
      extendHorizon,
      requests: new AnswerRequests({ schedule, bus, live, clock, random }),
    })
    this.#run = new RunScheduler({ schedule: this.#keep, clock, onError: () => undefined }, schedulerTimes)
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++)
      live.subscribe(`bucket:${bucket}`, () => this.#run.hint(bucket))
    this.#run.start()
    this.#connect(process.world.random.pick(surroundings.managers()))
  }

  get shard(): Shard | undefined {
    return this.#keep.shard
  }

  get ownedBuckets(): number {
    return this.#keep.ownedBuckets.length
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#run.stop()
    const link = this.#link
    if (!link?.open) return
    await new Promise<void>((resolve) => {
      this.process.clock.after(LEAVE_MS, resolve)
      link.send(() => this.#managerEnd?.leave())
    })
  }

  /** A new primary tells of itself. */
  noticed(primary: Slot<ManagerService>): void {
    if (this.#stopped) return
    const link = this.#link
    this.#link = undefined
    link?.close()
    this.#connect(primary)
  }

  #managerEnd: { leave(): void } | undefined

  #connect(slot: Slot<ManagerService>): void {
    const manager = slot.process
    const attempt = ++this.#attempt
    const cancel = this.process.clock.after(CONNECT_MS, () => this.#tryNext(attempt))
    if (!manager || manager.cutOff || this.process.cutOff) return
    const { network } = this.#surroundings
    manager.deliver(network.latencyMs(), () => {
      const service = slot.service
      if (!service || slot.process !== manager || this.process.state === 'dead') return
      const [here, there] = connect(
        network,
        [this.process, manager],
        [() => this.#tryNext(attempt), () => end.closed()],
      )
      const toScheduler: SchedulerEnd = {
        member: this.member,
        shard: this.#keep.shard,
        assign: (shard) => there.send(() => this.#assigned(attempt, shard)),
        redirect: (primary) => there.send(() => this.#redirected(attempt, primary)),
        close: () => there.close(),
      }
      const end = service.schedulerConnected(toScheduler)
      there.send(() => {
        if (attempt !== this.#attempt || this.#stopped) return here.close()
        cancel()
        this.#link = here
        this.#managerEnd = end
      })
    })
  }

  #assigned(attempt: number, shard: Shard): void {
    if (attempt !== this.#attempt) return
    this.#tries = 0
    const { world, name } = this.process
    world.trace.tell(world.now, `${name} gets shard ${shard.index} of ${shard.count}, epoch ${shard.epoch}`)
    void this.#run.assign(shard)
  }

  #redirected(attempt: number, primary: Slot<ManagerService>): void {
    if (attempt !== this.#attempt || this.#stopped) return
    if (++this.#tries > this.#surroundings.managers().length) return this.#tryNext(attempt)
    this.noticed(primary)
  }

  #tryNext(attempt: number): void {
    if (attempt !== this.#attempt || this.#stopped) return
    this.#link?.close()
    this.#link = undefined
    this.#tries = 0
    const { random } = this.process.world
    const next = ++this.#attempt
    this.process.clock.after(RETRY_MS * (1 + random.next()), () => {
      if (next === this.#attempt && !this.#stopped) this.#connect(random.pick(this.#surroundings.managers()))
    })
  }
}
