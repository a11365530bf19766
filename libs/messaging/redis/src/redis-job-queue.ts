import type { Clock, Instant, Job, JobId } from '@quarry/domain'
import type {
  Acknowledgement,
  Claim,
  ClaimRequest,
  JobQueue,
  Lease,
  LeaseToken,
  LeaseVerdict,
  QueueDepth,
  Release,
} from '@quarry/messaging-port'
import { createHash, randomUUID } from 'node:crypto'
import type { RedisConnection } from './redis-connection.ts'
import type { Subscriptions } from './subscriptions.ts'
import { ClaimableHints } from './claimable-hints.ts'
import { Claiming } from './frontier/claiming.ts'
import { Dealing } from './frontier/dealing.ts'
import { ackArgs, jobArgs, releaseArgs, shardOfHost } from './frontier/encoding.ts'
import { settleAll } from './frontier/parts.ts'
import { FrontierShard } from './frontier/shard.ts'

export interface RedisJobQueueOptions {
  /** Put before every key and channel; queues of different prefixes do not know each other. */
  readonly prefix: string
  /**
   * Over how many hash slots the hosts are spread. One serves best on one Redis, since the order of serving then holds
   * over all hosts; on a cluster, take a few per node. It may only be changed while the queue is empty. Default 1.
   */
  readonly shards?: number
  /** How long finished jobs stay known, at least; default 10 minutes. */
  readonly rememberFinishedMs?: number
  /** How many finished jobs stay known, at most; default 500,000. */
  readonly maxFinished?: number
  /** The queue's time. Default: Redis' own clock, the same for all clients. For tests. */
  readonly now?: () => Instant
}

/**
 * The frontier as functions in Redis, shared by all mining-servers and schedulers. Its identity is that of the running
 * server and of the data in it: a restart changes it even when the log was kept, since the last second may be missing.
 * While Redis is away every call throws `Unavailable` at once.
 */
export class RedisJobQueue implements JobQueue {
  readonly #connection: RedisConnection
  readonly #shards: readonly FrontierShard[]
  readonly #hints: ClaimableHints
  readonly #dealing: Dealing
  readonly #claiming: Claiming

  constructor(
    deps: { connection: RedisConnection; subscriptions: Subscriptions; clock: Clock },
    options: RedisJobQueueOptions,
  ) {
    const { prefix, shards = 1, rememberFinishedMs = 600_000, maxFinished = 500_000, now } = options
    const channel = `${prefix}claimable`
    const perShard = { prefix, channel, rememberFinishedMs, now, maxFinished: Math.ceil(maxFinished / shards) }
    this.#connection = deps.connection
    this.#shards = Array.from({ length: shards }, (_, index) => new FrontierShard(deps.connection, index, perShard))
    this.#dealing = new Dealing(this.#shards)
    this.#claiming = new Claiming(this.#shards)
    this.#hints = new ClaimableHints({ ...deps, channel, look: () => this.#claiming.outlook() })
  }

  async enqueue(jobs: readonly Job[]): Promise<readonly ('queued' | 'known')[]> {
    const verdicts = await this.#dealing.inParts(jobs, {
      shardOf: (job) => shardOfHost(job.host, this.#shards.length),
      run: (shard, part) => shard.run('enqueue', part.flatMap(jobArgs)),
    })
    return verdicts.map((queued) => (queued === 1 ? 'queued' : 'known'))
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    return this.#claiming.claim(request)
  }

  async extend(tokens: readonly LeaseToken[], leaseMs: number): Promise<readonly LeaseVerdict[]> {
    return this.#dealing.judge(tokens, {
      tokenOf: (token) => token,
      run: (shard, part) => shard.run('extend', [String(leaseMs), ...part.map(({ lease }) => lease)]),
    })
  }

  async ack(acknowledgements: readonly Acknowledgement[]): Promise<readonly LeaseVerdict[]> {
    return this.#dealing.judge(acknowledgements, {
      tokenOf: ({ token }) => token,
      run: (shard, part) =>
        shard.run(
          'ack',
          part.flatMap(({ lease, item }) => ackArgs(lease, item)),
        ),
    })
  }

  async release(releases: readonly Release[]): Promise<readonly LeaseVerdict[]> {
    return this.#dealing.judge(releases, {
      tokenOf: ({ token }) => token,
      run: (shard, part) =>
        shard.run(
          'release',
          part.flatMap(({ lease, item }) => releaseArgs(lease, item)),
        ),
    })
  }

  async reap(request: ClaimRequest): Promise<readonly Lease[]> {
    return this.#claiming.reap(request)
  }

  async holds(jobIds: readonly JobId[]): Promise<readonly boolean[]> {
    // A job's id does not tell its host, and so not its shard.
    const answers = await settleAll(
      this.#shards.map((shard) =>
        this.#dealing.inParts(jobIds, { shardOf: () => shard.index, run: (each, part) => each.run('holds', part) }),
      ),
    )
    return jobIds.map((_, index) => answers.some((held) => held[index] === 1))
  }

  async depth(): Promise<QueueDepth> {
    const sum = { waiting: 0, leased: 0, dead: 0 }
    for (const answer of await settleAll(this.#shards.map((shard) => shard.run('depth', [])))) {
      const [waiting = 0, leased = 0, dead = 0] = answer as readonly number[]
      sum.waiting += waiting
      sum.leased += leased
      sum.dead += dead
    }
    return sum
  }

  onClaimable(listener: () => void): () => void {
    return this.#hints.listen(listener)
  }

  async identity(): Promise<string> {
    const fresh = randomUUID()
    const epochs = this.#shards.map(async ({ epochKey }) => {
      const kept = await this.#connection.call('reads', 'SET', [epochKey, fresh, 'NX', 'GET'])
      return typeof kept === 'string' ? kept : fresh
    })
    const server = this.#connection.call('reads', 'INFO', ['server'])
    const [info, ...parts] = await settleAll([server, ...epochs])
    const runId = /^run_id:(\w+)/m.exec(String(info))?.[1] ?? ''
    return createHash('sha256')
      .update([runId, ...parts].join(' '))
      .digest('hex')
      .slice(0, 32)
  }

  /** Gives Redis the functions that it lacks. Throws `Unavailable`. */
  async prepare(): Promise<void> {
    await this.#shards[0]?.load()
  }

  /** No listener hears anything more. */
  close(): void {
    this.#hints.stop()
  }
}
