import {
  CHUNK_BYTES,
  joinBodies,
  PROTOCOL_VERSION,
  RESULTS_PATH,
  type Delivery,
  type ErrorBody,
  type ReceiverHello,
} from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { hash } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { zstdCompressSync } from 'node:zlib'
import { Server, type Socket } from 'socket.io'

export interface StoredResult {
  readonly run: RunResult
  readonly body?: Uint8Array
}

/** The server's side of `/results`, by the contract: an inbox in memory whose cursors are its positions. */
export class ResultsPeer {
  readonly inbox: StoredResult[] = []
  readonly acked: string[] = []
  readonly hellos: ReceiverHello[] = []
  readonly cookies: (string | undefined)[] = []
  readonly refreshed: string[] = []
  /** Damages the encoded body of a result, so many times. */
  damage = new Map<number, number>()
  refuse: ErrorBody | undefined
  batch = 20
  readonly #http: HttpServer
  readonly #io: Server
  readonly #pushers = new Set<() => void>()

  private constructor(http: HttpServer) {
    this.#http = http
    this.#io = new Server(http, { path: RESULTS_PATH, maxHttpBufferSize: 2 * 1024 * 1024, serveClient: false })
    this.#io.engine.on('initial_headers', (headers: Record<string, string>) => {
      headers['set-cookie'] = 'sticky=here; Path=/'
    })
    this.#io.use((socket, next) => {
      const hello = socket.handshake.auth as ReceiverHello
      this.cookies.push(socket.handshake.headers.cookie)
      const refusal = this.refuse ?? this.#refusalOf(hello)
      next(refusal ? Object.assign(new Error(refusal.error.message), { data: refusal }) : undefined)
    })
    this.#io.on('connection', (socket) => this.#serve(socket))
  }

  static async start(port = 0): Promise<ResultsPeer> {
    const http = createServer((request, response) => {
      const good = request.url === '/api/v1/auth/token' && request.headers.authorization === 'Bearer good-token'
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' })
      const expiresAt = Date.now() + 300_000
      response.end(
        JSON.stringify(
          good
            ? { accessToken: 'access', expiresAt, userId: 'customer', scopes: ['results:read'] }
            : { error: { code: 'token_invalid', message: 'Unknown token.' } },
        ),
      )
    })
    const peer = new ResultsPeer(http)
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
    return peer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  add(...results: StoredResult[]): void {
    this.inbox.push(...results)
    this.#pushers.forEach((push) => push())
  }

  dropAll(): void {
    this.#io.disconnectSockets(true)
  }

  async stop(): Promise<void> {
    this.#io.disconnectSockets(true)
    await this.#io.close()
  }

  #refusalOf(hello: ReceiverHello): ErrorBody | undefined {
    if (hello.protocol !== PROTOCOL_VERSION) return { error: { code: 'protocol_unsupported', message: 'Too old.' } }
    return hello.token === 'access' ? undefined : { error: { code: 'token_invalid', message: 'Bad token.' } }
  }

  #serve(socket: Socket): void {
    const hello = socket.handshake.auth as ReceiverHello
    this.hellos.push(hello)
    let next = hello.after === undefined ? 0 : Number(hello.after) + 1
    let acked = next - 1
    let caughtUp = false
    const push = () => {
      while (next < this.inbox.length && next - 1 - acked < hello.window) {
        const room = hello.window - (next - 1 - acked)
        const count = Math.min(this.batch, room, this.inbox.length - next)
        this.#send(socket, next, this.inbox.slice(next, next + count), hello.orderId)
        next += count
      }
      if (next === this.inbox.length && !caughtUp) {
        caughtUp = true
        socket.emit('caughtUp')
      }
    }
    this.#pushers.add(push)
    socket.on('ack', (cursor: string) => {
      this.acked.push(cursor)
      acked = Number(cursor)
      push()
    })
    socket.on('refresh', (token: string, answer: () => void) => {
      this.refreshed.push(token)
      answer()
    })
    socket.on('disconnect', () => this.#pushers.delete(push))
    push()
  }

  #send(socket: Socket, first: number, results: StoredResult[], orderId: string | undefined): void {
    const bodies: Uint8Array[] = []
    const deliveries = results.flatMap((result, index): Delivery[] => {
      const cursor = String(first + index)
      if (orderId !== undefined && result.run.orderId !== orderId) return []
      if (!result.body) return [{ cursor, run: result.run, body: 'none' }]
      const bytes = this.#damaged(first + index, result.body)
      if (bytes.byteLength <= CHUNK_BYTES) {
        bodies.push(bytes)
        return [{ cursor, run: result.run, body: 'inline' }]
      }
      for (let at = 0, part = 0; at < bytes.byteLength; at += CHUNK_BYTES, part++) {
        socket.emit('chunk', { cursor, index: part }, bytes.subarray(at, at + CHUNK_BYTES))
      }
      return [{ cursor, run: result.run, body: 'chunked' }]
    })
    socket.emit('results', deliveries, joinBodies(bodies))
  }

  #damaged(index: number, body: Uint8Array): Uint8Array {
    const left = this.damage.get(index) ?? 0
    if (left === 0) return body
    this.damage.set(index, left - 1)
    const copy = Buffer.from(body)
    const at = copy.length >> 1
    copy[at] = (copy[at] ?? 0) ^ 0xff
    return copy
  }
}

export function page(
  orderId: string,
  rep: number,
  body: Uint8Array,
  more: { type?: string; identity?: boolean } = {},
): StoredResult {
  const encoded = more.identity ? body : zstdCompressSync(body)
  return {
    body: encoded,
    run: {
      ...base(orderId, rep),
      miner: { userId: 'miner', deviceId: 'device' },
      outcome: {
        kind: 'page',
        status: 200,
        finalUrl: 'https://example.com/../../etc/passwd',
        redirects: [],
        headers: [['Content-Type', more.type ?? 'text/html; charset=utf-8']],
        timings: { firstByteMs: 3, totalMs: 5 },
        content: {
          sha256: hash('sha256', body, 'hex'),
          sizeBytes: body.byteLength,
          encoding: more.identity ? 'identity' : 'zstd',
          storedBytes: encoded.byteLength,
        },
      },
    },
  }
}

export function failure(orderId: string, rep: number): StoredResult {
  return {
    run: {
      ...base(orderId, rep),
      outcome: { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'No answer within 30 s.' },
    },
  }
}

function base(orderId: string, rep: number): Omit<RunResult, 'outcome'> {
  return {
    jobId: `${orderId}:${rep}`,
    orderId,
    rep,
    customerId: 'customer',
    url: 'https://example.com/page',
    priceCoins: 2,
    dueAt: 1_700_000_000_000,
    attempt: 1,
    startedAt: 1_700_000_000_100,
    finishedAt: 1_700_000_000_200,
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  }
}
