import type { Assignment, Submission, SubmissionVerdict } from '@quarry/contracts'
import type { DeviceId, UserId } from '@quarry/domain'
import {
  AcceptSubmissions,
  DispatchJobs,
  HeldLeases,
  ReapJobs,
  ServeMiners,
  VerifyBodies,
  type MinerSession,
} from '@quarry/mining-server/application'
import type { Ports } from '../engines/sim-engines.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import { everyRound } from './rounds.ts'

const LEASE_MS = 40_000
const REAP_MS = 2_000
const OVERDUE_MS = 2 * REAP_MS
const MAX_BODY_BYTES = 10 * 1024 * 1024
const DRAIN_MS = 8_000

/** A connected miner, as the server sees it. */
export interface MinerEnd {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly capacity: number
  /** Lease tokens whose results it still has. */
  readonly holding: ReadonlySet<string>
  assign(assignments: readonly Assignment[]): void
  end(): void
}

/** What a miner sends with its results. */
export interface Handed {
  readonly submission: Submission
  readonly body: Uint8Array | undefined
}

/** What a miner can do while it is connected. */
export interface MinerDoor {
  submit(handed: readonly Handed[]): Promise<SubmissionVerdict[]>
  handBack(tokens: readonly string[]): void
  closed(): void
}

/** A mining-server process: jobs to miners, results to the bus. */
export class MiningService {
  readonly #miners: ServeMiners
  readonly #dispatch: DispatchJobs
  readonly #accept: AcceptSubmissions
  readonly #stopRounds: readonly (() => void)[]

  constructor(process: SimProcess, { queue, bus, live, clock }: Ports) {
    const held = new HeldLeases()
    const onError = () => undefined
    const server = process.name
    const rules = { server, leaseMs: LEASE_MS, overdueMs: OVERDUE_MS, maxBodyBytes: MAX_BODY_BYTES }
    this.#dispatch = new DispatchJobs({ queue, clock, held, live, onError }, rules)
    this.#miners = new ServeMiners({ queue, clock, held, dispatch: this.#dispatch }, { overdueMs: OVERDUE_MS })
    const verify = new VerifyBodies(MAX_BODY_BYTES)
    this.#accept = new AcceptSubmissions({ queue, bus, clock, held, verify, onError }, { leaseMs: LEASE_MS })
    const reap = new ReapJobs({ queue, bus, clock }, { server, leaseMs: LEASE_MS })
    const stopListening = queue.onClaimable(() => this.#dispatch.wake())
    this.#stopRounds = [
      stopListening,
      everyRound(clock, REAP_MS, () => reap.run()),
      everyRound(clock, REAP_MS, async () => {
        await this.#accept.keepJudged()
        await this.#miners.endOverdue()
      }),
    ]
  }

  connected(end: MinerEnd): MinerDoor {
    const session: MinerSession = {
      userId: end.userId,
      deviceId: end.deviceId,
      capacity: end.capacity,
      outstanding: 0,
      judging: 0,
      connected: true,
      pages: 0,
      coins: 0,
      assign: (assignments) => end.assign([...assignments]),
      end: () => end.end(),
    }
    this.#miners.join(session, end.holding).catch(() => undefined)
    return {
      submit: async (handed) => {
        const incoming = handed.map(({ submission, body }) => ({ token: submission.token, submission, body }))
        const verdicts = this.#accept.run(session, incoming)
        this.#dispatch.capacityChanged(session)
        const all = await verdicts
        this.#dispatch.capacityChanged(session)
        return all
      },
      handBack: (tokens) => void this.#miners.handBack(session, tokens).catch(() => undefined),
      closed: () => this.#miners.leave(session),
    }
  }

  async stop(): Promise<void> {
    await this.#miners.drain(DRAIN_MS).catch(() => undefined)
    for (const stop of this.#stopRounds) stop()
  }
}
