import { ReconnectingSocket, type AccessTokens } from '@quarry/cli-kit'
import {
  PROTOCOL_VERSION,
  RESULTS_PATH,
  type ReceiverHello,
  type ReceiverToServer,
  type ServerToReceiver,
} from '@quarry/contracts'
import type { Clock, Random } from '@quarry/domain'
import type { Socket } from 'socket.io-client'
import type { PullResults } from '../application/pull-results.ts'
import type { ResultStore, StagedResult } from '../application/result-store.ts'

export interface PullSocketOptions {
  readonly server: string
  readonly version: string
  readonly tokens: AccessTokens
  readonly clock: Clock
  readonly random: Random
  readonly window: number
  readonly orderId?: string
  readonly since?: number
  readonly giveUpAfterMs?: number
  readonly onUp: () => void
  readonly onDown: (error: Error, retryInMs: number) => void
}

/** The socket `/results`: brings deliveries to a pull and its acknowledgements back. */
export class PullSocket {
  readonly #link: ReconnectingSocket
  readonly #socket: Socket<ServerToReceiver, ReceiverToServer>
  #pull: PullResults<StagedResult> | undefined

  constructor(options: PullSocketOptions, store: ResultStore) {
    const { server, tokens, clock, random, giveUpAfterMs, onUp } = options
    this.#link = new ReconnectingSocket({
      server,
      path: RESULTS_PATH,
      tokens,
      clock,
      random,
      onUp,
      onDown: (error, retryInMs) => {
        this.#pull?.end()
        options.onDown(error, retryInMs)
      },
      hello: async (view) => {
        await store.claim(view.userId)
        const after = await this.#pull?.begin()
        return helloOf(options, view.accessToken, after)
      },
      ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }),
    })
    this.#socket = this.#link.socket
  }

  /** Resolves after `close`; rejects when the server's refusal is final. */
  get ended(): Promise<void> {
    return this.#link.ended
  }

  start(pull: PullResults<StagedResult>): void {
    this.#pull = pull
    this.#socket.on('results', (deliveries, bodies) => pull.take(deliveries, bodies))
    this.#socket.on('chunk', (header, bytes) => pull.chunk(header, bytes))
    this.#socket.on('caughtUp', () => pull.caughtUp())
    this.#socket.on('draining', () => {
      pull.end()
      void pull.settle().then(() => this.#link.reconnect('The server is leaving.'))
    })
    this.#link.open()
  }

  /** Told only while connected; otherwise the next greeting says where we stand. */
  ack(cursor: string): void {
    if (this.#link.connected) this.#socket.emit('ack', cursor)
  }

  reconnect(reason: string): void {
    this.#link.reconnect(reason)
  }

  close(): void {
    this.#link.close()
  }
}

function helloOf(options: PullSocketOptions, token: string, after: string | undefined): ReceiverHello {
  return {
    protocol: PROTOCOL_VERSION,
    token,
    version: options.version,
    window: options.window,
    ...(after === undefined ? {} : { after }),
    ...(options.orderId === undefined ? {} : { orderId: options.orderId }),
    ...(options.since === undefined ? {} : { since: options.since }),
  }
}
