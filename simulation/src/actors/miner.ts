import type { Assignment, Submission, SubmissionVerdict } from '@quarry/contracts'
import { failureRules, type FailureReason, type Outcome } from '@quarry/domain'
import { hash } from 'node:crypto'
import { connect, type LinkEnd } from '../faults/link.ts'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import type { Handed, MinerDoor, MiningService } from '../services/mining-service.ts'

const ASK_AGAIN_MS = 500
const RECONNECT_MS = 1_000

export interface MinerOptions {
  readonly userId: string
  readonly deviceId: string
  readonly capacity: number
  readonly network: Network
  readonly servers: () => readonly Slot<MiningService>[]
}

/** What a miner makes of a job, each as often as its weight says. */
const fates = {
  page: 900,
  slowPage: 30,
  serverError: 25,
  rateLimited: 10,
  timedOut: 5,
  forbidden: 5,
  spoilt: 5,
  late: 8,
  silent: 6,
  handedBack: 4,
  vanishes: 4,
}
type Fate = keyof typeof fates

interface Work {
  readonly assignment: Assignment
  /** The result, once there is one. */
  handed: Handed | undefined
  underWay: boolean
}

/** A mining-client as a server knows it: it answers in time, late, twice, wrongly, or not at all, and comes and goes. */
export class Miner {
  readonly #process: SimProcess
  readonly #options: MinerOptions
  readonly #work = new Map<string, Work>()
  #link: LinkEnd | undefined
  #door: MinerDoor | undefined
  #connection = 0

  constructor(process: SimProcess, options: MinerOptions) {
    this.#process = process
    this.#options = options
    this.#connect()
  }

  /** Results that no server has judged yet. */
  get waiting(): number {
    return [...this.#work.values()].filter(({ handed }) => handed !== undefined).length
  }

  /** What it waits for, in words. */
  describe(): string {
    const jobs = [...this.#work.values()].map(
      ({ assignment, underWay }) => `${assignment.jobId}${underWay ? ' under way' : ''}`,
    )
    return `${this.#options.deviceId} (${this.#link?.open ? 'connected' : 'not connected'}): ${jobs.join(' ')}`
  }

  #connect(): void {
    const { random } = this.#process.world
    const slot = random.pick(this.#options.servers())
    const server = slot.process
    const connection = ++this.#connection
    const cancel = this.#process.clock.after(2 * RECONNECT_MS, () => this.#reconnect(connection))
    if (!server || server.cutOff || this.#process.cutOff) return
    const { network, userId, deviceId, capacity } = this.#options
    server.deliver(network.latencyMs(), () => {
      const service = slot.service
      if (!service || this.#process.state === 'dead' || connection !== this.#connection) return
      const [here, there] = connect(
        network,
        [this.#process, server],
        [() => this.#reconnect(connection), () => door.closed()],
      )
      const door = service.connected({
        userId,
        deviceId,
        capacity,
        holding: new Set(this.#work.keys()),
        assign: (assignments) => there.send(() => this.#assigned(assignments)),
        end: () => there.close(),
      })
      there.send(() => {
        if (connection !== this.#connection) return here.close()
        cancel()
        this.#link = here
        this.#door = door
        this.#submit([...this.#work.values()])
      })
    })
  }

  #reconnect(connection: number): void {
    if (connection !== this.#connection) return
    this.#connection++
    this.#link?.close()
    this.#link = undefined
    this.#door = undefined
    for (const work of this.#work.values()) work.underWay = false
    this.#process.clock.after(RECONNECT_MS, () => this.#connect())
  }

  #assigned(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) {
      if (this.#work.has(assignment.token)) continue
      const work: Work = { assignment, handed: undefined, underWay: false }
      this.#work.set(assignment.token, work)
      const fate = this.#process.world.random.weighted(fates)
      this.#begin(work, fate)
    }
  }

  #begin(work: Work, fate: Fate): void {
    const { random } = this.#process.world
    const { token } = work.assignment
    const finishIn = (ms: number, handed: Handed) => {
      this.#process.clock.after(ms, () => {
        if (this.#work.get(token) !== work) return
        work.handed = handed
        this.#submit([work])
      })
    }
    const failure = (reason: FailureReason, more = {}) => this.#failed(work.assignment, reason, more)
    switch (fate) {
      case 'page':
        return finishIn(random.whole(20, 400), this.#page(work.assignment, false))
      case 'slowPage':
        return finishIn(random.whole(2_000, 29_000), this.#page(work.assignment, false))
      case 'late':
        return finishIn(random.whole(40_000, 120_000), this.#page(work.assignment, false))
      case 'spoilt':
        return finishIn(random.whole(20, 400), this.#page(work.assignment, true))
      case 'serverError':
        return finishIn(random.whole(20, 900), failure('server_error', { status: 503 }))
      case 'rateLimited':
        return finishIn(random.whole(20, 400), failure('rate_limited', { retryAfterMs: random.whole(1, 60) * 1000 }))
      case 'timedOut':
        return finishIn(30_000, failure('timed_out'))
      case 'forbidden':
        return finishIn(random.whole(5, 100), failure('robots_forbidden'))
      case 'handedBack':
        this.#work.delete(token)
        return this.#toServer((door) => door.handBack([token]))
      case 'silent':
        this.#process.clock.after(300_000, () => this.#work.delete(token))
        return
      case 'vanishes': {
        finishIn(random.whole(20, 2_000), this.#page(work.assignment, false))
        if (random.chance(0.5)) this.#process.kill('somebody switches it off')
        else this.#link?.close()
        return
      }
    }
  }

  #submit(list: readonly Work[]): void {
    const ready = list.filter(({ handed, underWay }) => handed !== undefined && !underWay)
    const door = this.#door
    if (ready.length === 0 || !door) return
    const handed = ready.flatMap((work) => work.handed ?? [])
    for (const work of ready) work.underWay = true
    this.#toServer((open, answer) => {
      void open.submit(handed).then((verdicts) => answer(() => this.#judged(ready, verdicts)))
    })
    const twice = this.#options.network.goesWrong(0.005)
    if (twice) this.#toServer((open) => void open.submit(handed))
  }

  #toServer(action: (door: MinerDoor, answer: (then: () => void) => void) => void): void {
    const { network } = this.#options
    const link = this.#link
    const door = this.#door
    if (!link || !door) return
    link.send(() => {
      action(door, (then) => {
        if (link.open) this.#process.deliver(network.latencyMs(), () => link.open && then())
      })
    })
  }

  #judged(list: readonly Work[], verdicts: readonly SubmissionVerdict[]): void {
    const later = list.filter((work, index) => {
      work.underWay = false
      if (verdicts[index] === 'later') return true
      if (this.#work.get(work.assignment.token) === work) this.#work.delete(work.assignment.token)
      return false
    })
    if (later.length > 0)
      this.#process.clock.after(ASK_AGAIN_MS, () =>
        this.#submit(later.filter((work) => this.#work.get(work.assignment.token) === work)),
      )
  }

  #page(assignment: Assignment, spoilt: boolean): Handed {
    // One of a few pages of the site, so that unchanged ones are common.
    const text = `<p>${assignment.url} as of edition ${this.#process.world.random.whole(1, 3)}</p>`
    const body = Buffer.from(text)
    const sizeBytes = body.byteLength
    return this.#handed(
      assignment,
      {
        kind: 'page',
        status: 200,
        finalUrl: assignment.url,
        redirects: [],
        headers: [],
        timings: { firstByteMs: 5, totalMs: 10 },
        content: { sha256: hash('sha256', body), sizeBytes, encoding: 'identity', storedBytes: sizeBytes },
      },
      spoilt ? Buffer.from(text.toUpperCase()) : body,
    )
  }

  #failed(assignment: Assignment, reason: FailureReason, more: { status?: number; retryAfterMs?: number }): Handed {
    const { fault } = failureRules[reason]
    return this.#handed(
      assignment,
      { kind: 'failure', reason, fault, detail: `${reason} (simulated)`, ...more },
      undefined,
    )
  }

  #handed({ jobId, token }: Assignment, outcome: Outcome, body: Uint8Array | undefined): Handed {
    const submission = { jobId, token, outcome, host: { extraRequests: 0 }, chunked: false } as Submission
    return { submission, body }
  }
}
