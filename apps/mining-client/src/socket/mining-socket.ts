import { readErrorBody, ReconnectingSocket, type AccessTokens } from '@quarry/cli-kit'
import {
  assignmentSchema,
  MINING_PATH,
  PROTOCOL_VERSION,
  type MinerHello,
  type MinerStatus,
  type MinerToServer,
  type PauseReason,
  type ServerToMiner,
  type Submission,
  type SubmissionVerdict,
} from '@quarry/contracts'
import type { Clock, Random } from '@quarry/domain'
import type { Socket } from 'socket.io-client'
import type { Miner } from '../application/miner.ts'
import type { MiningWire } from '../application/work.ts'

const ANSWER_TIMEOUT_MS = 30_000
const STATUS_TIMEOUT_MS = 5_000

export interface MiningSocketOptions {
  readonly server: string
  readonly version: string
  readonly deviceId: string
  /** How its owner tells it from their others; none: the server shows the id. */
  readonly name: string | undefined
  readonly concurrency: number
  readonly tokens: AccessTokens
  readonly clock: Clock
  readonly random: Random
  readonly onUp: () => void
  readonly onDown: (error: Error, retryInMs: number) => void
  readonly onEarned: (sessionCoins: number) => void
  /** The server leaves, or said something that could not be read. */
  readonly onNote: (text: string) => void
}

/** The socket `/mining`: brings assignments to a miner and its results back. */
export class MiningSocket implements MiningWire {
  readonly #link: ReconnectingSocket
  readonly #socket: Socket<ServerToMiner, MinerToServer>
  readonly #options: MiningSocketOptions
  #miner: Miner | undefined

  constructor(options: MiningSocketOptions) {
    const { server, tokens, clock, random } = options
    this.#options = options
    this.#link = new ReconnectingSocket({
      server,
      path: MINING_PATH,
      tokens,
      clock,
      random,
      hello: async (view) => this.#hello(view.accessToken),
      onUp: () => {
        options.onUp()
        this.#miner?.connected()
      },
      onDown: (error, retryInMs) => {
        this.#miner?.disconnected()
        options.onDown(error, retryInMs)
      },
    })
    this.#socket = this.#link.socket
  }

  /** Resolves after `close`; rejects when the server's refusal is final. */
  get ended(): Promise<void> {
    return this.#link.ended
  }

  start(miner: Miner): void {
    this.#miner = miner
    this.#socket.on('assign', (assignments: unknown) => {
      const parsed = assignmentSchema.array().safeParse(assignments)
      if (parsed.success) miner.assign(parsed.data)
      else this.#options.onNote('The server sent jobs that this program cannot read; it may need an update.')
    })
    this.#socket.on('earned', (sessionCoins) => this.#options.onEarned(sessionCoins))
    this.#socket.on('draining', () => {
      this.#options.onNote('The server is leaving; finishing what is in hand, then connecting again.')
      void miner.idle().then(() => this.#link.reconnect('The server is leaving.'))
    })
    this.#link.open()
  }

  close(): void {
    this.#link.close()
  }

  submit(submissions: Submission[], bodies: Uint8Array): Promise<readonly SubmissionVerdict[]> {
    return new Promise((resolve, reject) => {
      this.#socket
        .timeout(ANSWER_TIMEOUT_MS)
        .emit('submit', submissions, bodies, (error: Error | null, verdicts: unknown) => {
          if (error) reject(error)
          else if (Array.isArray(verdicts)) resolve(verdicts as SubmissionVerdict[])
          else reject(readErrorBody(verdicts) ?? new Error('no verdicts'))
        })
    })
  }

  async chunk(header: { token: string; index: number }, bytes: Uint8Array): Promise<boolean> {
    return (await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck('chunk', header, bytes)) === true
  }

  handBack(tokens: string[]): void {
    // Nothing depends on the answer: a job that was not handed back is given away when its lease ends.
    this.#socket.timeout(ANSWER_TIMEOUT_MS).emit('handBack', tokens, () => undefined)
  }

  capacity(concurrency: number, why?: PauseReason): void {
    if (why === undefined) this.#socket.emit('capacity', concurrency)
    else this.#socket.emit('capacity', concurrency, why)
  }

  /** The server's view of this device; undefined when it does not answer. */
  async status(): Promise<MinerStatus | undefined> {
    if (!this.#link.connected) return undefined
    try {
      return (await this.#socket.timeout(STATUS_TIMEOUT_MS).emitWithAck('status')) as MinerStatus
    } catch {
      return undefined
    }
  }

  #hello(token: string): MinerHello {
    const { deviceId, version, concurrency, name } = this.#options
    const capacity = this.#miner?.capacity ?? concurrency
    return {
      protocol: PROTOCOL_VERSION,
      token,
      deviceId,
      ...(name !== undefined && { name }),
      version,
      concurrency: capacity,
      holding: this.#miner?.holding ?? [],
    }
  }
}
