import type { Instant } from '../clock.ts'
import type { DeviceId, JobId } from '../ids.ts'
import type { Job } from './job.ts'
import type { HostNews, LeaseToken, LeaseVerdict } from './lease.ts'
import { MAX_ATTEMPTS } from '../results/failure-rules.ts'
import { MOST_REQUESTS_OF_A_JOB, serveOrder } from './job.ts'

interface ModelJob {
  readonly job: Job
  readonly arrival: number
  state: 'waiting' | 'leased' | 'dead' | 'reaped'
  /** Not claimable, or not reapable, before. */
  notBefore: Instant
  expiresAt: Instant
  token: LeaseToken
  attemptsMade: number
  triedBy: DeviceId[]
}

interface ModelHost {
  /** The latest claim; `over` once its lease was acknowledged or released. */
  latest: { at: Instant; gapMs: number; token: LeaseToken; over: boolean }
  /** Until when each piece of news asked for a pause. */
  demands: Instant[]
  crawlDelayMs: number
}

/** What the frontier promises, said by scanning lists: slow and plain. The tests compare the frontier with it. */
export class FrontierModel {
  readonly jobs = new Map<JobId, ModelJob>()
  readonly finished = new Set<JobId>()
  readonly #hosts = new Map<string, ModelHost>()
  #arrivals = 0

  enqueue(job: Job, now: Instant): 'queued' | 'known' {
    this.#notice(now)
    if (this.jobs.has(job.jobId) || this.finished.has(job.jobId)) return 'known'
    this.#arrivals += 1
    const fresh = { notBefore: -Infinity, expiresAt: -Infinity, token: '', attemptsMade: 0, triedBy: [] }
    this.jobs.set(job.jobId, { job, arrival: this.#arrivals, state: 'waiting', ...fresh })
    return 'queued'
  }

  /** The job that the next single claim must give. */
  best(now: Instant): ModelJob | undefined {
    this.#notice(now)
    const claimable = [...this.jobs.values()].filter(
      (held) => held.state === 'waiting' && held.notBefore <= now && nextAllowedAt(this.#host(held.job.host)) <= now,
    )
    claimable.sort((a, b) => serveOrder(a.job) - serveOrder(b.job) || a.arrival - b.arrival)
    return claimable[0]
  }

  claimed(held: ModelJob, lease: { token: LeaseToken; expiresAt: Instant }, now: Instant): void {
    const host = this.#host(held.job.host)
    host.latest = { at: now, gapMs: Math.max(held.job.hostGapMs, host.crawlDelayMs), token: lease.token, over: false }
    this.#hosts.set(held.job.host, host)
    Object.assign(held, { state: 'leased', ...lease })
  }

  extend(token: LeaseToken, leaseMs: number, now: Instant): LeaseVerdict {
    const held = this.#valid(token, now)
    if (held) held.expiresAt = now + leaseMs
    return held ? 'done' : 'stale'
  }

  ack(token: LeaseToken, news: HostNews, now: Instant): LeaseVerdict {
    const held = this.#valid(token, now)
    if (!held) return 'stale'
    this.#heed(held, news, now)
    this.jobs.delete(held.job.jobId)
    this.finished.add(held.job.jobId)
    this.#notice(now)
    return 'done'
  }

  release(
    release: { token: LeaseToken; notBefore: Instant; attempted: boolean; by: DeviceId; host: HostNews },
    now: Instant,
  ): LeaseVerdict {
    const held = this.#valid(release.token, now)
    if (!held) return 'stale'
    this.#heed(held, release.host, now)
    held.notBefore = release.notBefore
    if (held.state === 'reaped') {
      held.state = 'dead'
      return 'done'
    }
    if (release.attempted) {
      held.attemptsMade += 1
      if (!held.triedBy.includes(release.by)) held.triedBy.push(release.by)
    }
    this.#backOrDead(held, now)
    return 'done'
  }

  endExpired(now: Instant): void {
    this.#notice(now)
    for (const held of this.jobs.values()) {
      if (held.expiresAt > now || (held.state !== 'leased' && held.state !== 'reaped')) continue
      held.notBefore = now
      if (held.state === 'reaped') held.state = 'dead'
      else {
        held.attemptsMade += 1
        this.#backOrDead(held, now)
      }
    }
  }

  reapable(now: Instant): ModelJob[] {
    return [...this.jobs.values()].filter((held) => held.state === 'dead' && held.notBefore <= now)
  }

  count(now: Instant, ...states: ModelJob['state'][]): number {
    this.#notice(now)
    return [...this.jobs.values()].filter((held) => states.includes(held.state)).length
  }

  /** Patience that ended, and hosts that nothing keeps in memory. To be called at every step of time. */
  #notice(now: Instant): void {
    for (const held of this.jobs.values()) {
      if (held.state === 'waiting' && held.job.patienceUntil < now)
        Object.assign(held, { state: 'dead', notBefore: now })
    }
    const busy = new Set([...this.jobs.values()].map((held) => held.job.host))
    for (const [name, host] of this.#hosts) {
      if (!busy.has(name) && nextAllowedAt(host) <= now) this.#hosts.delete(name)
    }
  }

  #valid(token: LeaseToken, now: Instant): ModelJob | undefined {
    this.#notice(now)
    return [...this.jobs.values()].find(
      (held) => (held.state === 'leased' || held.state === 'reaped') && held.token === token && held.expiresAt > now,
    )
  }

  #backOrDead(held: ModelJob, now: Instant): void {
    const over = held.attemptsMade >= MAX_ATTEMPTS || Math.max(now, held.notBefore) > held.job.patienceUntil
    held.state = over ? 'dead' : 'waiting'
    if (over) held.notBefore = now
  }

  #heed({ job, token }: ModelJob, news: HostNews, now: Instant): void {
    const host = this.#host(job.host)
    host.crawlDelayMs = Math.max(host.crawlDelayMs, news.crawlDelayMs ?? 0)
    if (host.latest.token === token) host.latest.over = true
    if (news.notBefore !== undefined) host.demands.push(news.notBefore)
    if (news.extraRequests) host.demands.push(now + Math.max(host.crawlDelayMs, job.hostGapMs))
    this.#hosts.set(job.host, host)
  }

  #host(name: string): ModelHost {
    const never = { at: -Infinity, gapMs: 0, token: '', over: true }
    return this.#hosts.get(name) ?? { latest: never, demands: [], crawlDelayMs: 0 }
  }
}

/** A lease that is out keeps its host for as many requests as it may send; one that is over counts for one. */
function nextAllowedAt({ latest, demands, crawlDelayMs }: ModelHost): Instant {
  const gapMs = Math.max(latest.gapMs, crawlDelayMs)
  const requests = latest.over || latest.gapMs === 0 ? 1 : MOST_REQUESTS_OF_A_JOB
  return Math.max(latest.at + requests * gapMs, ...demands)
}
