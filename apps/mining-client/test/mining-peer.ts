import {
  cutBodies,
  MINING_PATH,
  PROTOCOL_VERSION,
  submissionSchema,
  type Assignment,
  type ErrorBody,
  type MinerHello,
  type Submission,
  type SubmissionVerdict,
} from '@quarry/contracts'
import { decodeBody } from '@quarry/scrape'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'

export interface Received {
  readonly submission: Submission
  readonly body: Uint8Array | undefined
}

/** The server's side of `/mining`, by the contract. Jobs that are not accepted stay its own to give again. */
export class MiningPeer {
  readonly hellos: MinerHello[] = []
  readonly accepted: Received[] = []
  readonly batches: number[] = []
  readonly handedBack: string[] = []
  readonly capacities: number[] = []
  mostOutstanding = 0
  /** Says what becomes of a submission; accepts by default. */
  judge: (received: Received) => SubmissionVerdict | 'silent' = () => 'accepted'
  refuse: ErrorBody | undefined
  readonly #jobs: Assignment[] = []
  readonly #http: HttpServer
  readonly #io: Server
  #serveMore: (() => void) | undefined
  /** Given over a connection that is gone; they stay with a miner that says it still holds them. */
  readonly #lost = new Map<string, Assignment>()

  private constructor(http: HttpServer) {
    this.#http = http
    this.#io = new Server(http, { path: MINING_PATH, maxHttpBufferSize: 2 * 1024 * 1024, serveClient: false })
    this.#io.use((socket, next) => {
      const hello = socket.handshake.auth as MinerHello
      const old: ErrorBody = { error: { code: 'protocol_unsupported', message: 'Too old.' } }
      const refusal = this.refuse ?? (hello.protocol === PROTOCOL_VERSION ? undefined : old)
      next(refusal ? Object.assign(new Error(refusal.error.message), { data: refusal }) : undefined)
    })
    this.#io.on('connection', (socket) => this.#serve(socket))
  }

  static async start(): Promise<MiningPeer> {
    const http = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const view = { accessToken: 'access', expiresAt: Date.now() + 300_000, userId: 'miner', scopes: ['mine'] }
      response.end(JSON.stringify(view))
    })
    const peer = new MiningPeer(http)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return peer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  add(...urls: string[]): void {
    for (const url of urls) {
      const number = this.#jobs.length + this.accepted.length + this.mostOutstanding + Math.round(Math.random() * 1e8)
      this.#jobs.push({
        jobId: `order:${number}`,
        token: `server:${number}`,
        attempt: 1,
        url,
        hostGapMs: 0,
        leaseMs: 40_000,
        maxBodyBytes: 10 * 1024 * 1024,
        dueAt: Date.now(),
        priceCoins: 3,
        traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      })
    }
    this.#serveMore?.()
  }

  dropAll(): void {
    this.#io.disconnectSockets(true)
  }

  emit(event: string, ...args: unknown[]): void {
    this.#io.emit(event, ...args)
  }

  async stop(): Promise<void> {
    this.#io.disconnectSockets(true)
    await this.#io.close()
  }

  #serve(socket: Socket): void {
    const hello = socket.handshake.auth as MinerHello
    this.hellos.push(hello)
    let capacity = hello.concurrency
    let coins = 0
    const given = new Map<string, Assignment | undefined>(hello.holding.map((token) => [token, this.#lost.get(token)]))
    this.#jobs.unshift(...[...this.#lost.values()].filter((job) => !given.has(job.token)))
    this.#lost.clear()
    const chunks = new Map<string, Uint8Array[]>()
    const more = () => {
      const batch = this.#jobs.splice(0, Math.max(0, capacity - given.size))
      batch.forEach((job) => given.set(job.token, job))
      this.mostOutstanding = Math.max(this.mostOutstanding, given.size)
      if (batch.length > 0) socket.emit('assign', batch)
    }
    this.#serveMore = more
    socket.on('capacity', (value: number) => {
      this.capacities.push(value)
      capacity = value
      more()
    })
    socket.on('handBack', (tokens: string[], answer: () => void) => {
      this.handedBack.push(...tokens)
      for (const token of tokens) {
        const job = given.get(token)
        if (job) this.#jobs.push(job)
        given.delete(token)
      }
      answer()
    })
    socket.on(
      'chunk',
      (header: { token: string; index: number }, bytes: Uint8Array, answer: (taken: boolean) => void) => {
        const parts = header.index === 0 ? [] : (chunks.get(header.token) ?? [])
        const inOrder = parts.length === header.index
        if (inOrder) chunks.set(header.token, [...parts, bytes])
        answer(inOrder)
      },
    )
    socket.on(
      'submit',
      (submissions: unknown[], joined: Uint8Array, answer: (verdicts: SubmissionVerdict[]) => void) => {
        const parsed = submissions.map((one) => submissionSchema.parse(one))
        const sizes = parsed.map(({ outcome, chunked }) =>
          outcome.kind === 'page' && !chunked ? outcome.content.storedBytes : 0,
        )
        const bodies = cutBodies(joined, sizes)
        this.batches.push(parsed.length)
        const judged = parsed.map((submission, index) => {
          const whole = chunks.get(submission.token)
          const body = submission.chunked ? Buffer.concat(whole ?? []) : bodies[index]
          const received = { submission, body: submission.outcome.kind === 'page' ? body : undefined }
          const verdict = this.judge(received)
          if (verdict === 'accepted') {
            this.accepted.push(received)
            coins += 3
          }
          if (verdict !== 'later' && verdict !== 'silent') given.delete(submission.token)
          return verdict
        })
        const verdicts = judged.filter((verdict) => verdict !== 'silent')
        if (verdicts.length < judged.length) return
        answer(verdicts)
        socket.emit('earned', coins)
        more()
      },
    )
    socket.on('disconnect', () => {
      if (this.#serveMore === more) this.#serveMore = undefined
      for (const [token, job] of given) if (job) this.#lost.set(token, job)
    })
    socket.on('status', (answer: (status: unknown) => void) =>
      answer({ connectedMiners: 1, waitingJobs: this.#jobs.length, outstanding: 0, sessionPages: 0, sessionCoins: 0 }),
    )
    more()
  }
}

/** The decoded body of a submission, checked against its announced size and hash. */
export async function bodyOf({ submission, body }: Received): Promise<Buffer> {
  if (submission.outcome.kind !== 'page' || !body) throw new Error('no page')
  const decoded = await decodeBody(body, submission.outcome.content, 10 * 1024 * 1024)
  if (!decoded.ok) throw new Error(decoded.error)
  return Buffer.from(decoded.value)
}
