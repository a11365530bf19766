import type { PageView, RunFilter, RunSummary, TimelineQuery, VersionView } from '@quarry/contracts'
import type { OrderId, RunResult } from '@quarry/domain'
import type { Page, ResultStore } from '@quarry/storage-port'

const READ_AT_ONCE = 200
/** Runs that one request looks through, at most; its page tells where the next one goes on. */
const MOST_LOOKED_AT = 2_000

/** An order's runs in short, and the contents among them, derived from the runs on reading. */
export class ShowRuns {
  readonly #results: ResultStore

  constructor(results: ResultStore) {
    this.#results = results
  }

  /** Newest repetition first. With a filter a page may be short although there is a `next`. */
  async timeline(orderId: OrderId, { after, limit, only }: TimelineQuery): Promise<PageView<RunSummary>> {
    const items: RunSummary[] = []
    let next = after === undefined ? undefined : String(after)
    for (let looked = 0; looked < MOST_LOOKED_AT && items.length < limit;) {
      const wanted = only === undefined ? Math.min(READ_AT_ONCE, limit - items.length) : READ_AT_ONCE
      const page: Page<RunResult> = await this.#page(orderId, next, wanted)
      looked += page.items.length
      const found = page.items.filter((run) => only === undefined || passes(run, only))
      const room = limit - items.length
      items.push(...found.slice(0, room).map(summaryOf))
      const last = items.at(-1)
      if (found.length > room && last !== undefined) return { items, next: String(last.rep) }
      if (page.next === undefined) return { items }
      next = page.next
    }
    return { items, ...(next !== undefined && { next }) }
  }

  /** The contents among some thousand runs below `after`, the one seen last first. */
  async versions(orderId: OrderId, after: string | undefined): Promise<PageView<VersionView>> {
    const versions = new Map<string, VersionView>()
    let next = after
    for (let looked = 0; looked < MOST_LOOKED_AT;) {
      const page: Page<RunResult> = await this.#page(orderId, next, READ_AT_ONCE)
      looked += page.items.length
      for (const run of page.items) add(versions, run)
      next = page.next
      if (next === undefined) break
    }
    return { items: [...versions.values()], ...(next !== undefined && { next }) }
  }

  #page(orderId: OrderId, after: string | undefined, limit: number): Promise<Page<RunResult>> {
    return this.#results.runsOf(orderId, { limit, ...(after !== undefined && { after }) })
  }
}

function passes({ outcome }: RunResult, only: RunFilter): boolean {
  if (only === 'page' || only === 'failure') return outcome.kind === only
  return outcome.kind === 'failure' && outcome.fault === only
}

function add(versions: Map<string, VersionView>, { outcome, rep, finishedAt }: RunResult): void {
  if (outcome.kind !== 'page') return
  const { sha256, sizeBytes } = outcome.content
  const known = versions.get(sha256)
  const contentType = outcome.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  versions.set(
    sha256,
    known === undefined
      ? {
          sha256,
          sizeBytes,
          contentType,
          runs: 1,
          firstRep: rep,
          firstAt: finishedAt,
          lastRep: rep,
          lastAt: finishedAt,
        }
      : { ...known, runs: known.runs + 1, firstRep: rep, firstAt: finishedAt },
  )
}

/** What lists and charts show of a run. */
export function summaryOf(run: RunResult): RunSummary {
  const { rep, dueAt, startedAt, finishedAt, attempt, outcome } = run
  if (outcome.kind === 'failure') {
    const { reason, fault, status } = outcome
    const failure = { kind: 'failure', reason, fault, ...(status !== undefined && { status }) } as const
    return { rep, dueAt, startedAt, finishedAt, attempt, outcome: failure }
  }
  const { status, timings, content } = outcome
  const { sizeBytes, sha256 } = content
  return {
    rep,
    dueAt,
    startedAt,
    finishedAt,
    attempt,
    outcome: { kind: 'page', status, ...timings, sizeBytes, sha256 },
  }
}
