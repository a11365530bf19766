import type { Acknowledgement, HostNews, Lease, LeaseToken, LeaseVerdict, Release } from '@quarry/messaging-port'
import type { DeviceId, Instant, Job, JobId } from '@quarry/domain'
import { serveOrder } from '@quarry/domain'

/** How many arguments a lease of `claim` and `reap` has in the answer. */
const LEASE_FIELDS = 4

/**
 * A job as it lies in Redis: its values in a fixed order, since every byte of it passes through Lua three times. Another
 * release may read it: new fields only ever go to the end.
 */
type PackedJob = [
  jobId: JobId,
  orderId: string,
  rep: number,
  customerId: string,
  url: string,
  host: string,
  priceCoins: number,
  dueAt: Instant,
  patienceUntil: Instant,
  hostGapMs: number,
  traceparent: string,
]

/** What the frontier needs to know of a job, and the whole of it for whoever claims it. */
export function jobArgs(job: Job): string[] {
  const { jobId, host, patienceUntil, hostGapMs } = job
  const { orderId, rep, customerId, url, priceCoins, dueAt, traceparent } = job
  const packed: PackedJob = [
    jobId,
    orderId,
    rep,
    customerId,
    url,
    host,
    priceCoins,
    dueAt,
    patienceUntil,
    hostGapMs,
    traceparent,
  ]
  return [jobId, host, String(serveOrder(job)), String(patienceUntil), String(hostGapMs), JSON.stringify(packed)]
}

function unpackedJob(text: string): Job {
  const [jobId, orderId, rep, customerId, url, host, priceCoins, dueAt, patienceUntil, hostGapMs, traceparent] =
    JSON.parse(text) as PackedJob
  return {
    jobId,
    orderId,
    rep,
    customerId,
    url,
    host,
    priceCoins,
    dueAt,
    patienceUntil,
    hostGapMs,
    traceparent,
  }
}

export function ackArgs(lease: string, { host }: Acknowledgement): string[] {
  return [lease, newsArg(host)]
}

export function releaseArgs(lease: string, { host, notBefore, attempted, by }: Release): string[] {
  return [lease, newsArg(host), String(notBefore), attempted ? '1' : '0', by === undefined ? '' : JSON.stringify(by)]
}

function newsArg(host: HostNews | undefined): string {
  if (host === undefined) return ''
  const { crawlDelayMs, notBefore, extraRequests } = host
  if (crawlDelayMs === undefined && notBefore === undefined && extraRequests === undefined) return ''
  return `${crawlDelayMs ?? '-'} ${notBefore ?? '-'} ${extraRequests ?? '-'}`
}

/** A lease as Redis knows it, and the shard that does. */
export interface ShardLease {
  readonly shard: number
  readonly lease: string
}

/** `server:shard.lease`; the server is for people, the lease is unique without it. */
export function tokenOf(server: string, { shard, lease }: ShardLease): LeaseToken {
  return `${server}:${shard}.${lease}`
}

/** Undefined for a token that this queue has never given. */
export function parseToken(token: LeaseToken, shardCount: number): ShardLease | undefined {
  const [, shardText, lease] = /:(\d+)\.([LR]\d{13}[^:]+)$/.exec(token) ?? []
  if (shardText === undefined || lease === undefined || Number(shardText) >= shardCount) return undefined
  return { shard: Number(shardText), lease }
}

/** The leases of an answer of `claim` or `reap`, whose first two values tell other things. */
export function leasesOf(answer: readonly unknown[], given: { server: string; shard: number }): Lease[] {
  const expiresAt = Number(answer[0])
  const leases: Lease[] = []
  for (let at = 2; at < answer.length; at += LEASE_FIELDS) {
    leases.push({
      token: tokenOf(given.server, { shard: given.shard, lease: String(answer[at]) }),
      attempt: Number(answer[at + 1]),
      triedBy: answer[at + 2] === '' ? [] : (JSON.parse(`[${String(answer[at + 2])}]`) as DeviceId[]),
      job: unpackedJob(String(answer[at + 3])),
      expiresAt,
    })
  }
  return leases
}

/** A moment that Redis named; -1 is never. */
export function instantOf(value: unknown): Instant | undefined {
  const instant = Number(value)
  return instant < 0 ? undefined : instant
}

export function verdictsOf(answer: unknown): LeaseVerdict[] {
  return (answer as readonly number[]).map((done) => (done === 1 ? 'done' : 'stale'))
}

/** Which shard a host belongs to (FNV-1a). It may not change while a queue holds jobs. */
export function shardOfHost(host: string, shardCount: number): number {
  if (shardCount === 1) return 0
  let hash = 0x811c9dc5
  for (let at = 0; at < host.length; at += 1) hash = Math.imul(hash ^ host.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % shardCount
}
