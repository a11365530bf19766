import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import {
  browserHelloSchema,
  LIVE_PATH,
  type BrowserHello,
  type LiveEvent,
  type ServerToBrowser,
} from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import {
  AccessTokens,
  ACCESS_TOKENS,
  CLOCK,
  LIVE_EVENTS,
  SocketServers,
  SocketSignIn,
  SOCKET_SERVERS,
} from '@quarry/service-kit'
import type { Socket } from 'socket.io'

/** Events within this time reach a browser as one burst without repeats, however busy the orders are. */
const COALESCE_MS = 100
const MAX_TABS = 50

/** Browsers connect here, to hear that something of their user changed. */
@Injectable()
export class LiveGateway implements OnModuleInit {
  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const signIn = new SocketSignIn<BrowserHello>(
      { schema: browserHelloSchema, scope: 'orders:read', maxPerUser: MAX_TABS, forGuests: true },
      { tokens: this.tokens, clock: this.clock },
    )
    const server = this.servers.open<object, ServerToBrowser>(LIVE_PATH)
    server.use(signIn.middleware)
    server.on('connection', (socket) => this.#forward(socket, signIn.begin(socket).identity.userId))
  }

  #forward(socket: Socket<object, ServerToBrowser>, userId: string): void {
    const pending = new Map<string, LiveEvent>()
    let cancel: CancelTimer | undefined
    const flush = () => {
      cancel = undefined
      for (const event of pending.values()) socket.emit('event', event)
      pending.clear()
    }
    const take = (event: LiveEvent) => {
      pending.set(keyOf(event), event)
      cancel ??= this.clock.after(COALESCE_MS, flush)
    }
    const ends = [this.live.subscribe(`user:${userId}`, take), this.live.subscribe('market', take)]
    socket.on('disconnect', () => {
      for (const end of ends) end()
      cancel?.()
    })
  }
}

/** Of events with the same key only the last is worth sending. */
function keyOf(event: LiveEvent): string {
  if ('testId' in event) return `${event.kind}:${event.testId}`
  return 'orderId' in event ? `${event.kind}:${event.orderId}` : event.kind
}
