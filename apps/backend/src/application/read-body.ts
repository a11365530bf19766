import { CodedError, MAX_BODY_BYTES } from '@quarry/contracts'
import { jobIdOf, type Content, type OrderId, type RunResult } from '@quarry/domain'
import { decodeBody } from '@quarry/scrape'
import type { ResultStore } from '@quarry/storage-port'

/** A stored page as the site sent it. */
export interface StoredPage {
  readonly content: Content
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** Reads runs and bodies of an order that the caller was found to own. */
export class ReadBody {
  readonly #results: ResultStore

  constructor(results: ResultStore) {
    this.#results = results
  }

  /** Throws `run_not_found` when the repetition has no run that is kept. */
  async runOf(orderId: OrderId, rep: number): Promise<RunResult> {
    const run = await this.#results.run(jobIdOf(orderId, rep))
    if (run === undefined) throw notFound(orderId, rep, run)
    return run
  }

  /** Throws `run_not_found` when the repetition has no page, or the page is no longer kept. */
  async run(orderId: OrderId, rep: number): Promise<StoredPage> {
    const run = await this.#results.run(jobIdOf(orderId, rep))
    if (run?.outcome.kind !== 'page') throw notFound(orderId, rep, run)
    const { content, headers } = run.outcome
    const stored = await this.#results.body(run.customerId, content.sha256)
    if (!stored) throw notFound(orderId, rep, run)
    const body = await decodeBody(
      stored.bytes,
      { ...content, encoding: stored.encoding, storedBytes: stored.bytes.byteLength },
      MAX_BODY_BYTES,
    )
    if (!body.ok) throw new Error(`stored body ${content.sha256}: ${body.error}`)
    const contentType =
      headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/octet-stream'
    return { content, contentType, bytes: body.value }
  }
}

function notFound(orderId: OrderId, rep: number, run: RunResult | undefined): CodedError {
  const why =
    run === undefined ? 'has not run yet' : run.outcome.kind === 'failure' ? 'brought no page' : 'is no longer kept'
  const fields = [{ field: 'rep', problem: `is ${rep}`, allowed: 'a delivered repetition' }]
  return new CodedError('run_not_found', `Repetition ${rep} of order ${orderId} ${why}.`, { fields })
}
