import type { Instant } from '@quarry/domain'
import type { Claim, ClaimRequest, Lease } from '@quarry/messaging-port'
import { serveOrder } from '@quarry/domain'
import { randomUUID } from 'node:crypto'
import type { Outlook } from '../claimable-hints.ts'
import type { FrontierShard } from './shard.ts'
import { instantOf, leasesOf } from './encoding.ts'
import { MOST_JOBS_A_CALL, settleAll } from './parts.ts'

interface Peek extends Outlook {
  readonly shard: FrontierShard
  readonly bestServeOrder: number
  /** When something is claimable, on the queue's clock. */
  readonly nextReadyAt: Instant | undefined
}

/** Claims and reaps for one client over all shards. */
export class Claiming {
  readonly #shards: readonly FrontierShard[]
  /** Names every claim of every client apart, for ever: a lease that Redis has forgotten can never be another's. */
  readonly #client = randomUUID().replaceAll('-', '').slice(0, 12)
  #claims = 0

  constructor(shards: readonly FrontierShard[]) {
    this.#shards = shards
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const [only] = this.#shards
    if (this.#shards.length === 1 && only) {
      return this.#claimFrom(only, { ...request, max: Math.min(request.max, MOST_JOBS_A_CALL) })
    }
    const peeks = await settleAll(this.#shards.map((shard) => this.#peek(shard)))
    return this.#claimBest(peeks, request)
  }

  /** Every shard's expired leases end; the dead are taken from the shards evenly, then from those that have more. */
  async reap(request: ClaimRequest): Promise<readonly Lease[]> {
    const leases: Lease[] = []
    let asked = this.#shards
    while (asked.length > 0) {
      const left = Math.min(request.max, MOST_JOBS_A_CALL) - leases.length
      const first = this.#claims % asked.length
      const round = asked.map((shard, index) => {
        const share = Math.floor((left + ((index - first + asked.length) % asked.length)) / asked.length)
        return this.#reapFrom(shard, { ...request, max: share })
      })
      const outcomes = await Promise.allSettled(round)
      const given = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)
      leases.push(...given.flatMap((each) => each.leases))
      if (leases.length === 0) await settleAll(round)
      if (leases.length >= Math.min(request.max, MOST_JOBS_A_CALL)) break
      asked = given.filter((each) => each.more > 0).map(({ shard }) => shard)
    }
    return leases
  }

  async #claimFrom(shard: FrontierShard, { server, max, leaseMs }: ClaimRequest): Promise<Claim> {
    const answer = (await shard.run('claim', [this.#nextClaim(), String(max), String(leaseMs)])) as readonly unknown[]
    const leases = leasesOf(answer, { server, shard: shard.index })
    const nextReadyAt = instantOf(answer[1])
    return nextReadyAt === undefined ? { leases } : { leases, nextReadyAt }
  }

  /**
   * Takes from the shards with the best jobs, in equal shares, until all is given that was asked for or nothing is ready.
   * What one shard gave is not lost because another failed.
   */
  async #claimBest(peeks: readonly Peek[], request: ClaimRequest): Promise<Claim> {
    const leases: Lease[] = []
    const nextReadyAt = new Map(peeks.map((peek) => [peek.shard, peek.nextReadyAt]))
    let asked = peeks.filter(({ isReady }) => isReady).sort((a, b) => a.bestServeOrder - b.bestServeOrder)
    const most = Math.min(request.max, MOST_JOBS_A_CALL * this.#shards.length)
    while (asked.length > 0 && leases.length < most) {
      const shares = sharesOf(most - leases.length, asked)
      const outcomes = await Promise.allSettled(
        shares.map(async ({ peek, max }) => ({
          peek,
          max,
          claim: await this.#claimFrom(peek.shard, { ...request, max }),
        })),
      )
      const given = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)
      if (given.length === 0 && leases.length === 0) await settleAll(outcomes.map(throwRejected))
      for (const { peek, claim } of given) {
        leases.push(...claim.leases)
        nextReadyAt.set(peek.shard, claim.nextReadyAt)
      }
      asked = given.filter(({ claim, max }) => claim.leases.length === max).map(({ peek }) => peek)
    }
    leases.sort((a, b) => serveOrder(a.job) - serveOrder(b.job))
    const next = Math.min(...[...nextReadyAt.values()].map((at) => at ?? Infinity))
    return next === Infinity ? { leases } : { leases, nextReadyAt: next }
  }

  async #reapFrom(shard: FrontierShard, { server, max, leaseMs }: ClaimRequest) {
    const answer = (await shard.run('reap', [this.#nextClaim(), String(max), String(leaseMs)])) as readonly unknown[]
    return { shard, more: Number(answer[1]), leases: leasesOf(answer, { server, shard: shard.index }) }
  }

  async #peek(shard: FrontierShard): Promise<Peek> {
    const [ready, nextInMs, best, nextReadyAt] = (await shard.run('peek', [])) as readonly unknown[]
    return {
      shard,
      isReady: Number(ready) > 0,
      nextInMs: instantOf(nextInMs),
      bestServeOrder: Number(best),
      nextReadyAt: instantOf(nextReadyAt),
    }
  }

  /** Whether something is claimable, and when the next thing is. */
  async outlook(): Promise<Outlook> {
    const peeks = await settleAll(this.#shards.map((shard) => this.#peek(shard)))
    const nextInMs = Math.min(...peeks.map((peek) => peek.nextInMs ?? Infinity))
    return { isReady: peeks.some((peek) => peek.isReady), nextInMs: nextInMs === Infinity ? undefined : nextInMs }
  }

  #nextClaim(): string {
    this.#claims += 1
    return `${this.#client}${this.#claims.toString(36)}`
  }
}

/** Equal shares of `max` for the best shards; the remainder goes to the best. */
function sharesOf(max: number, asked: readonly Peek[]): { peek: Peek; max: number }[] {
  const shares = asked.map((peek, index) => ({
    peek,
    max: Math.min(MOST_JOBS_A_CALL, Math.floor((max + asked.length - 1 - index) / asked.length)),
  }))
  return shares.filter((share) => share.max > 0)
}

async function throwRejected(outcome: PromiseSettledResult<unknown>): Promise<void> {
  if (outcome.status === 'rejected') throw outcome.reason
}
