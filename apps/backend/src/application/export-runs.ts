import { MAX_BODY_BYTES } from '@quarry/contracts'
import type { OrderId, RunResult, UserId } from '@quarry/domain'
import { decodeBody } from '@quarry/scrape'
import type { ResultStore } from '@quarry/storage-port'
import { csvHeader, csvLine } from './csv-lines.ts'

const READ_AT_ONCE = 100

/** A file of an archive; its name is made here and holds nothing of the page. */
export interface ExportedFile {
  readonly name: string
  readonly modifiedAt: number
  readonly bytes: Uint8Array
}

/**
 * An order's runs to take away, newest first, read on as fast as they are taken: at no time more than one page of runs and
 * one body are in memory. Ending an iteration early ends the reading.
 */
export class ExportRuns {
  readonly #results: ResultStore

  constructor(results: ResultStore) {
    this.#results = results
  }

  async *jsonLines(orderId: OrderId): AsyncGenerator<string> {
    for await (const run of this.#runs(orderId)) yield `${JSON.stringify(publicRun(run))}\n`
  }

  async *csv(orderId: OrderId): AsyncGenerator<string> {
    yield csvHeader()
    for await (const run of this.#runs(orderId)) yield csvLine(run)
  }

  /** The pages among the runs, each content once; `written` is told the name of each. */
  async *files(orderId: OrderId, customerId: UserId, written: Set<string>): AsyncGenerator<ExportedFile> {
    for await (const run of this.#runs(orderId)) {
      const name = fileOf(run)
      if (name === undefined || written.has(name)) continue
      const bytes = await this.#page(run, customerId)
      if (bytes === undefined) continue
      written.add(name)
      yield { name, modifiedAt: run.finishedAt, bytes }
    }
  }

  /** A line for each run, which names its file where that is among `written`. */
  async *manifest(orderId: OrderId, written: ReadonlySet<string>): AsyncGenerator<string> {
    for await (const run of this.#runs(orderId)) {
      const file = fileOf(run)
      const named = file !== undefined && written.has(file)
      yield `${JSON.stringify({ ...publicRun(run), ...(named && { file }) })}\n`
    }
  }

  async #page({ outcome }: RunResult, customerId: UserId): Promise<Uint8Array | undefined> {
    if (outcome.kind !== 'page') return undefined
    const stored = await this.#results.body(customerId, outcome.content.sha256)
    if (stored === undefined) return undefined
    const content = { ...outcome.content, encoding: stored.encoding, storedBytes: stored.bytes.byteLength }
    const body = await decodeBody(stored.bytes, content, MAX_BODY_BYTES)
    return body.ok ? body.value : undefined
  }

  async *#runs(orderId: OrderId): AsyncGenerator<RunResult> {
    for (let after: string | undefined; ;) {
      const page = await this.#results.runsOf(orderId, { limit: READ_AT_ONCE, ...(after !== undefined && { after }) })
      yield* page.items
      if (page.next === undefined) return
      after = page.next
    }
  }
}

/** Who the miner was stays in the marketplace. */
function publicRun({ miner: _, ...run }: RunResult): Omit<RunResult, 'miner'> {
  return run
}

const extensions: Readonly<Record<string, string>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/json': 'json',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
}

/** By hash and from a list of endings: nothing that a page says becomes part of a name. */
function fileOf({ outcome }: RunResult): string | undefined {
  if (outcome.kind !== 'page') return undefined
  const header = outcome.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const ending = extensions[header.split(';')[0]!.trim().toLowerCase()] ?? 'bin'
  return `pages/${outcome.content.sha256}.${ending}`
}
