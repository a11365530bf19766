import { exitCodes, ExitError, wordsOf } from '@quarry/cli-kit'
import { cutBodies, MAX_BODY_BYTES, parseRunResult, type Delivery } from '@quarry/contracts'
import type { Clock, RunResult } from '@quarry/domain'
import { RecentBodies } from '@quarry/scrape/recent-bodies'
import { ChunkAssembly } from './chunk-assembly.ts'
import { CommitQueue, type Entry } from './commit-queue.ts'
import type { ResultStore, StagedResult } from './result-store.ts'

/** So often a damaged body is asked for before it is given up. */
const MAX_TRIES = 3

/** The way back to the server. */
export interface DeliveryLink {
  /** Everything up to and including this cursor is safe here. */
  ack(cursor: string): void
  /** Gives this connection up and asks again after the last committed result. */
  reconnect(reason: string): void
}

export interface PullEvents {
  stored(batch: readonly StagedResult[]): void
  /** A body did not arrive as announced; `givenUp` when it was the last try. */
  damaged(run: RunResult, problem: string, givenUp: boolean): void
  /** All that the server had is safe here. */
  caughtUp(): void
  /** Nothing more can be written; the pull is over. */
  failed(error: unknown): void
}

type Message =
  | { readonly kind: 'results'; readonly deliveries: readonly Delivery[]; readonly bodies: Uint8Array }
  | { readonly kind: 'caughtUp' }

/**
 * Takes deliveries in inbox order, checks every body's size and hash, stages it, and acknowledges what is committed.
 * Between connections only committed results count: the server is asked for everything after them.
 */
export class PullResults<S extends StagedResult> {
  readonly #store: ResultStore<S>
  readonly #clock: Clock
  readonly #link: DeliveryLink
  readonly #events: PullEvents
  readonly #minFreeBytes: number
  readonly #bodies = new RecentBodies()
  readonly #chunks = new ChunkAssembly()
  readonly #commits: CommitQueue<S>
  #queue: Message[] = []
  #working: Promise<void> | undefined
  #taking = false
  #damage: { cursor: string; tries: number } | undefined

  constructor(
    deps: { store: ResultStore<S>; clock: Clock; link: DeliveryLink },
    events: PullEvents,
    limits: { minFreeBytes: number; window: number },
  ) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#link = deps.link
    this.#events = events
    this.#minFreeBytes = limits.minFreeBytes
    this.#commits = new CommitQueue(
      { store: deps.store, clock: deps.clock, full: Math.ceil(limits.window / 3) },
      { committed: (batch) => this.#committed(batch), failed: (error) => this.#fail(error) },
    )
  }

  /** A connection begins. Resolves, when all of the last one is committed, to the cursor to go on after. */
  async begin(): Promise<string | undefined> {
    await this.settle()
    this.#taking = true
    return this.#store.after
  }

  /** The connection is gone, or is to be left: what was not staged yet comes again. */
  end(): void {
    this.#taking = false
    this.#queue = []
    this.#chunks.clear()
  }

  take(deliveries: readonly Delivery[], bodies: Uint8Array): void {
    this.#enqueue({ kind: 'results', deliveries, bodies })
  }

  chunk(header: { cursor: string; index: number }, bytes: Uint8Array): void {
    if (!this.#taking || this.#chunks.add(header, bytes)) return
    this.end()
    this.#link.reconnect('A body came in the wrong order.')
  }

  caughtUp(): void {
    this.#enqueue({ kind: 'caughtUp' })
  }

  /** Resolves when everything that was staged is committed (or could not be). */
  async settle(): Promise<void> {
    await this.#working
    await this.#commits.settle()
  }

  #enqueue(message: Message): void {
    if (!this.#taking) return
    this.#queue.push(message)
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  async #work(): Promise<void> {
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
      try {
        if (message.kind === 'results') await this.#receiveAll(message.deliveries, message.bodies)
        else await this.#reportCaughtUp()
      } catch (error) {
        this.#fail(error instanceof ExitError ? error : badDelivery(error))
      }
    }
  }

  async #reportCaughtUp(): Promise<void> {
    await this.#commits.settle()
    if (this.#taking) this.#events.caughtUp()
  }

  async #receiveAll(deliveries: readonly Delivery[], bodies: Uint8Array): Promise<void> {
    this.#requireRoom(deliveries)
    const cut = cutInline(deliveries, bodies)
    for (const [index, delivery] of deliveries.entries()) {
      if (!this.#taking) break
      const body = delivery.body === 'chunked' ? this.#chunks.take(delivery.cursor) : cut[index]
      await this.#receive(delivery, body)
    }
    this.#commits.poke()
  }

  async #receive({ cursor, run: input }: Delivery, encoded: Uint8Array | undefined): Promise<void> {
    const run = parseRunResult(input)
    if (this.#store.has(run.jobId)) return this.#commits.add({ cursor })
    const { outcome } = run
    if (outcome.kind === 'failure') return this.#stage({ cursor, run, damaged: false }, undefined)
    const body = encoded ? await this.#bodies.decode(encoded, outcome.content, MAX_BODY_BYTES) : undefined
    // The connection may have ended while a large body was decoded.
    if (!this.#isTaking()) return
    if (body?.ok) this.#stage({ cursor, run, damaged: false }, body.value)
    else await this.#damaged(cursor, run, body?.error ?? 'missing')
  }

  #isTaking(): boolean {
    return this.#taking
  }

  #stage(result: { cursor: string; run: RunResult; damaged: boolean }, body: Uint8Array | undefined): void {
    this.#commits.add({ cursor: result.cursor, staged: this.#store.stage(result, body, this.#clock.now()) })
  }

  /** Asks for the result again; at last records it as damaged, unacknowledged, and ends with exit code 5. */
  async #damaged(cursor: string, run: RunResult, problem: string): Promise<void> {
    const tries = this.#damage?.cursor === cursor ? this.#damage.tries + 1 : 1
    this.#damage = { cursor, tries }
    const givenUp = tries >= MAX_TRIES
    this.#events.damaged(run, problem, givenUp)
    this.end()
    await this.#commits.settle()
    if (!givenUp) return this.#link.reconnect('A body arrived damaged.')
    await this.#store.commit([this.#store.stage({ cursor, run, damaged: true }, undefined, this.#clock.now())])
    const what = `The body of ${run.jobId} arrived damaged ${MAX_TRIES} times (${problem}).`
    throw new ExitError(
      exitCodes.retryable,
      'damaged_body',
      `${what} It is recorded without a body; start again to go on.`,
    )
  }

  #requireRoom(deliveries: readonly Delivery[]): void {
    const neededBytes = deliveries.reduce((sum, { run }) => sum + sizeOf(run), 0)
    const freeBytes = this.#store.freeBytes()
    if (freeBytes - neededBytes >= this.#minFreeBytes) return
    throw new ExitError(
      exitCodes.quota,
      'disk_full',
      `Only ${megabytes(freeBytes)} MB are free and --min-free keeps ${megabytes(this.#minFreeBytes)} MB. ` +
        'Free some and start again: nothing is lost.',
    )
  }

  #committed(batch: readonly Entry<S>[]): void {
    const last = batch.at(-1)
    if (last) this.#link.ack(last.cursor)
    this.#events.stored(batch.flatMap((entry) => (entry.staged ? [entry.staged] : [])))
  }

  #fail(error: unknown): void {
    this.end()
    this.#events.failed(error)
  }
}

/** The inline bodies, each at its delivery's index. */
function cutInline(deliveries: readonly Delivery[], bodies: Uint8Array): (Uint8Array | undefined)[] {
  const sizes = deliveries.map(({ body, run }) =>
    body === 'inline' && run.outcome.kind === 'page' ? run.outcome.content.storedBytes : 0,
  )
  const cut = cutBodies(bodies, sizes)
  return cut.map((bytes, index) => (deliveries[index]?.body === 'inline' ? bytes : undefined))
}

function badDelivery(error: unknown): ExitError {
  const what = `The server sent something that this program cannot read: ${wordsOf(error).slice(0, 500)}`
  return new ExitError(exitCodes.retryable, 'bad_delivery', what)
}

function sizeOf({ outcome }: RunResult): number {
  return outcome.kind === 'page' ? outcome.content.sizeBytes : 0
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1_000_000)
}
