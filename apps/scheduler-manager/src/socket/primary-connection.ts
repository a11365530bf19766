import {
  initBackupSchema,
  MANAGER_BACKUPS_PATH,
  managerListSchema,
  memberChangeSchema,
  resignedSchema,
  type BackupToPrimary,
  type InitBackup,
  type ManagerHello,
  type MemberChange,
  type PrimaryToBackup,
} from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import { isAnswer } from '@quarry/service-kit'
import type { Leadership } from '@quarry/storage-port'
import type { Logger } from 'pino'
import { io, type Socket } from 'socket.io-client'
import type { z } from 'zod'
import type { BeatRules } from './heartbeats.ts'

type Primary = Socket<PrimaryToBackup, BackupToPrimary>

export interface FollowEvents {
  init(init: InitBackup): void
  member(change: MemberChange): void
  managers(addresses: readonly string[]): void
  resigned(leaderEpoch: number): void
}

/** A backup's connection to the primary, from which it learns of the schedulers and of the other managers. */
export class PrimaryConnection {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: FollowEvents
  readonly #hello: () => ManagerHello
  readonly #rules: BeatRules
  #followed: Leadership | undefined
  #socket: Primary | undefined
  #cancelSilence: CancelTimer | undefined
  #cancelRetry: CancelTimer | undefined

  constructor(
    deps: { clock: Clock; logger: Logger; hello: () => ManagerHello; events: FollowEvents },
    rules: BeatRules,
  ) {
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#events = deps.events
    this.#hello = deps.hello
    this.#rules = rules
  }

  /** Follows this primary from now on; nobody when undefined. */
  follow(primary: Leadership | undefined): void {
    if (primary?.epoch === this.#followed?.epoch && primary?.address === this.#followed?.address) return
    this.#end()
    this.#followed = primary
    if (primary) this.#connect(primary)
  }

  #connect(primary: Leadership): void {
    const socket: Primary = io(primary.address, {
      path: MANAGER_BACKUPS_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: this.#rules.silenceMs,
      auth: this.#hello(),
    })
    this.#socket = socket
    const again = (reason: string) => {
      if (socket !== this.#socket) return
      this.#logger.info({ address: primary.address, reason }, 'not connected to the primary')
      this.#end()
      this.#cancelRetry = this.#clock.after(this.#rules.everyMs, () => this.#connect(primary))
    }
    const heard = () => {
      this.#cancelSilence?.()
      if (socket !== this.#socket) return
      this.#cancelSilence = this.#clock.after(this.#rules.silenceMs, () => again('it is silent'))
    }
    /** Messages of this leadership that are as they should be; an older primary's say nothing any more. */
    const on = <T extends { leaderEpoch: number }>(schema: z.ZodType<T>, action: (message: T) => void) => {
      return (message: unknown): void => {
        const parsed = schema.safeParse(message)
        if (!parsed.success) this.#logger.warn({ issues: parsed.error.issues }, 'the primary sent an unknown message')
        else if (socket === this.#socket && parsed.data.leaderEpoch >= primary.epoch) action(parsed.data)
      }
    }
    socket.on('connect', heard)
    socket.on('connect_error', (error) => again(error.message))
    socket.on('disconnect', (reason) => again(reason))
    socket.on('beat', (_, answer) => {
      heard()
      if (isAnswer(answer)) answer()
    })
    socket.on(
      'init-backup',
      on(initBackupSchema, (init) => {
        this.#logger.info({ primary: primary.address, schedulers: init.members.length }, 'backup of the primary')
        this.#events.init(init)
      }),
    )
    socket.on(
      'set-backups',
      on(managerListSchema, ({ addresses }) => this.#events.managers(addresses)),
    )
    socket.on(
      'member',
      on(memberChangeSchema, (change) => this.#events.member(change)),
    )
    socket.on('resigned', (message, answer) => {
      if (isAnswer(answer)) answer()
      on(resignedSchema, ({ leaderEpoch }) => this.#events.resigned(leaderEpoch))(message)
    })
  }

  #end(): void {
    this.#cancelRetry?.()
    this.#cancelSilence?.()
    const socket = this.#socket
    this.#socket = undefined
    socket?.disconnect()
  }
}
