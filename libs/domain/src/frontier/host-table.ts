import type { Instant } from '../clock.ts'
import type { HeapOrder } from './indexed-heap.ts'
import type { Job } from './job.ts'
import type { HostNews, LeaseToken } from './lease.ts'
import type { HeldJob } from './held-job.ts'
import { Host, servedBefore } from './held-job.ts'
import { IndexedHeap } from './indexed-heap.ts'
import { MOST_REQUESTS_OF_A_JOB } from './job.ts'

const hostPlace = {
  positionOf: (host: Host) => host.position,
  setPosition: (host: Host, position: number) => {
    host.position = position
  },
}

const byBestJob: HeapOrder<Host> = {
  comesBefore: (a, b) => servedBefore(bestJobOf(a), bestJobOf(b)),
  ...hostPlace,
}

const byNextAllowed: HeapOrder<Host> = {
  comesBefore: (a, b) => a.nextAllowedAt < b.nextAllowedAt,
  ...hostPlace,
}

function bestJobOf(host: Host): HeldJob {
  const best = host.queue.first()
  if (best === undefined) throw new Error(`host ${host.name} is among the ready without a job`)
  return best
}

/**
 * Which hosts may be asked. A host with waiting jobs is ready or pauses until its next allowed time; one that has no
 * job at all is forgotten as soon as that time is past. Every change of a host is followed by `settle`.
 */
export class HostTable {
  readonly #hosts = new Map<string, Host>()
  readonly #ready = new IndexedHeap<Host>(byBestJob)
  readonly #pausing = new IndexedHeap<Host>(byNextAllowed)
  readonly #idle = new IndexedHeap<Host>(byNextAllowed)

  /** Hosts remembered, for tests and metrics. */
  get size(): number {
    return this.#hosts.size
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /** When the next host with waiting jobs may be asked again; undefined when none pauses. */
  get nextReadyAt(): Instant | undefined {
    return this.#pausing.first()?.nextAllowedAt
  }

  of(name: string): Host {
    let host = this.#hosts.get(name)
    if (host === undefined) {
      host = new Host(name)
      this.#hosts.set(name, host)
    }
    return host
  }

  /** The best job of all hosts that may be asked now; it stays in its queue. */
  best(): HeldJob | undefined {
    return this.#ready.first()?.queue.first()
  }

  /** Brings hosts whose time has come to the ready, and forgets those that wait for nothing. */
  advance(now: Instant): void {
    for (let host = this.#pausing.first(); host && host.nextAllowedAt <= now; host = this.#pausing.first()) {
      this.settle(host, now)
    }
    for (let host = this.#idle.first(); host && host.nextAllowedAt <= now; host = this.#idle.first()) {
      this.settle(host, now)
    }
  }

  /**
   * Requests to the host are about to be made under the lease: one now, perhaps more, a gap apart. Until the lease ends the
   * host is busy with it, for as many gaps as it may send requests. A host is claimed only when its time has come, so the
   * time kept for any earlier lease is past by then: one lease to remember is enough.
   */
  claimed(held: HeldJob, token: LeaseToken, now: Instant): void {
    const { host, job } = held
    const gapMs = gapOf(host, job)
    host.lastClaimAt = now
    host.demandedUntil = now + gapMs
    host.nextAllowedAt = now + MOST_REQUESTS_OF_A_JOB * gapMs
    host.busyWith = gapMs > 0 ? token : undefined
    this.settle(host, now)
  }

  /** The lease ended with a word of its holder: the host is free of it, and heeds the news; `notBefore` is a steady time. */
  ended({ host, job }: HeldJob, { token, news }: { token: LeaseToken; news: HostNews }, now: Instant): void {
    host.crawlDelayMs = Math.max(host.crawlDelayMs, news.crawlDelayMs ?? 0)
    if (host.busyWith === token) host.busyWith = undefined
    host.demandedUntil = Math.max(
      host.demandedUntil,
      host.lastClaimAt + host.crawlDelayMs,
      (news.extraRequests ?? 0) > 0 ? now + gapOf(host, job) : -Infinity,
      news.notBefore ?? -Infinity,
    )
    host.nextAllowedAt =
      host.busyWith === undefined
        ? host.demandedUntil
        : Math.max(
            host.nextAllowedAt,
            host.demandedUntil,
            host.lastClaimAt + MOST_REQUESTS_OF_A_JOB * host.crawlDelayMs,
          )
    this.settle(host, now)
  }

  /** Puts the host where its queue and its next allowed time say. */
  settle(host: Host, now: Instant): void {
    const place = placeOf(host, now)
    if (place !== host.place) {
      this.#heapAt(host.place)?.remove(host)
      host.place = place
    }
    this.#heapAt(place)?.place(host)
    if (place === 'nowhere' && host.held === 0) this.#hosts.delete(host.name)
  }

  #heapAt(place: Host['place']): IndexedHeap<Host> | undefined {
    switch (place) {
      case 'ready':
        return this.#ready
      case 'pausing':
        return this.#pausing
      case 'idle':
        return this.#idle
      case 'nowhere':
        return undefined
    }
  }
}

function placeOf(host: Host, now: Instant): Host['place'] {
  if (host.queue.size > 0) return host.nextAllowedAt <= now ? 'ready' : 'pausing'
  return host.held === 0 && host.nextAllowedAt > now ? 'idle' : 'nowhere'
}

function gapOf(host: Host, job: Job): number {
  return Math.max(job.hostGapMs, host.crawlDelayMs)
}
