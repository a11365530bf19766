import { Body, Controller, Get, Inject, Injectable, Module, Post, type OnModuleInit } from '@nestjs/common'
import { PROTOCOL_VERSION, type ErrorBody } from '@quarry/contracts'
import { FakeClock, TokenIssuer } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { z } from 'zod'
import {
  ACCESS_TOKENS,
  CurrentUser,
  isAnswer,
  InternalOnly,
  OpenToAll,
  RequireScope,
  SocketServers,
  SocketSignIn,
  SOCKET_SERVERS,
  startServices,
  systemClock,
  type AccessTokens,
  type Identity,
  type RunningServices,
} from '../src/index.ts'

export const SECRET = 'test-only-internal-secret-of-thirty-two'
const helloSchema = z.object({ protocol: z.int(), token: z.string(), name: z.string().optional() })
type Hello = z.infer<typeof helloSchema>

@Controller('api/v1/test')
class TestController {
  @Get('open') @OpenToAll() open() {
    return { ok: true }
  }
  @Get('mine') @RequireScope('mine') mine(@CurrentUser() user: Identity) {
    return { userId: user.userId }
  }
  @Get('internal') @InternalOnly() internal() {
    return { ok: true }
  }
  @Get('forgotten') forgotten() {
    return { ok: true }
  }
  @Get('broken') @OpenToAll() broken() {
    throw new SyntaxError('the database password is hunter2')
  }
  @Post('json') @OpenToAll() json(@Body({ schema: z.strictObject({ a: z.int() }) }) body: { a: number }) {
    return body
  }
}

/** Two socket servers beside each other; what they need of a clock is the test's when it wants. */
@Injectable()
class TestSockets implements OnModuleInit {
  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
  ) {}

  onModuleInit(): void {
    for (const path of ['/one', '/two']) {
      const signIn = new SocketSignIn<Hello>(
        { schema: helloSchema, scope: 'mine', maxPerUser: 3, messagesPerSecond: 500, forGuests: path === '/two' },
        { tokens: this.tokens, clock: path === '/two' ? stageClock : systemClock },
      )
      const server = this.servers.open<{ who: (answer: unknown) => void }, object>(path)
      server.use(signIn.middleware)
      server.on('connection', (socket) => {
        const { identity } = signIn.begin(socket)
        socket.on('who', (answer: unknown) => {
          if (isAnswer(answer)) answer(`${path} ${identity.userId}`)
        })
      })
    }
  }
}

@Module({ controllers: [TestController], providers: [TestSockets] })
export class TestModule {}

/** The clock of the sessions on `/two`: starts at the real time and stands. */
export let stageClock = new FakeClock(Date.now())

export interface Stage {
  readonly issuer: TokenIssuer
  readonly running: RunningServices
  readonly folder: string
  env(more?: Record<string, string>): Record<string, string>
  call(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; body: unknown; code: string | undefined }>
  connect(options?: { path?: string; user?: string; auth?: object; headers?: Record<string, string> }): Promise<Socket>
  stop(): Promise<void>
}

export async function startStage(more: Record<string, string> = {}): Promise<Stage> {
  stageClock = new FakeClock(Date.now())
  const folder = mkdtempSync(join(tmpdir(), 'quarry-kit-'))
  const issuer = await TokenIssuer.start()
  const env = (extra: Record<string, string> = {}) => ({
    QUARRY_PORT: '0',
    QUARRY_DATA: folder,
    QUARRY_LOG_LEVEL: 'silent',
    QUARRY_INTERNAL_SECRET: SECRET,
    QUARRY_AUTH_URL: issuer.url,
    QUARRY_DRAIN_MS: '2000',
    ...more,
    ...extra,
  })
  const running = await startServices([{ name: 'test', module: TestModule, needs: [] }], { env: env() })
  const sockets: Socket[] = []
  return {
    issuer,
    running,
    folder,
    env,
    async call(path, init) {
      const response = await fetch(new URL(path, running.url), init)
      const text = await response.text()
      const body: unknown = text.startsWith('{') ? JSON.parse(text) : text
      return {
        status: response.status,
        headers: response.headers,
        body,
        code: (body as Partial<ErrorBody>).error?.code,
      }
    },
    async connect({ path = '/one', user = 'alice', auth = {}, headers } = {}) {
      const token = await issuer.token(user, ['mine'])
      const socket = io(running.url, {
        path,
        auth: { protocol: PROTOCOL_VERSION, token, ...auth },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...(headers && { extraHeaders: headers }),
      })
      sockets.push(socket)
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('connect_error', reject)
      })
      return socket
    },
    async stop() {
      for (const socket of sockets) socket.close()
      await running.stop()
      await issuer.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
