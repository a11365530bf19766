import {
  schedulerHelloSchema,
  type ManagerBeat,
  type ManagerList,
  type ManagerToScheduler,
  type Redirect,
  type SchedulerMember,
  type SchedulerToManager,
} from '@quarry/contracts'
import type { Clock, Shard } from '@quarry/domain'
import { isAnswer } from '@quarry/service-kit'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { Heartbeats, type BeatRules } from './heartbeats.ts'
import { internalHello } from './internal-hello.ts'

type SchedulerSocket = Socket<SchedulerToManager, ManagerToScheduler>

/** A scheduler that is connected here. */
export interface Connected {
  readonly member: SchedulerMember
  /** The shard that it said it acts on. */
  readonly shard: Shard | undefined
}

export interface SchedulerEvents {
  arrived(connected: Connected): void
  lost(memberId: string): void
  left(memberId: string): void
  duplicate(schedulerId: string): void
}

/** The schedulers connected to this manager, whichever part it plays. */
export class SchedulerSockets {
  readonly #events: SchedulerEvents
  readonly #logger: Logger
  readonly #beats: Heartbeats<SchedulerSocket>
  readonly #sockets = new Map<string, { readonly socket: SchedulerSocket; readonly connected: Connected }>()

  constructor(deps: { clock: Clock; logger: Logger; events: SchedulerEvents }, rules: BeatRules) {
    this.#events = deps.events
    this.#logger = deps.logger
    this.#beats = new Heartbeats(deps.clock, rules)
  }

  serve(
    server: Server<SchedulerToManager, ManagerToScheduler>,
    from: { secret: string; beat: () => ManagerBeat },
  ): void {
    server.use(internalHello(schedulerHelloSchema, from.secret))
    server.on('connection', (socket) => this.#connected(socket))
    this.#beats.start(from.beat, (socket) =>
      this.#logger.warn({ scheduler: socket.data as unknown }, 'a scheduler does not answer; its buckets go to others'),
    )
  }

  get connected(): readonly Connected[] {
    return [...this.#sockets.values()].map(({ connected }) => connected)
  }

  shard(memberId: string, shard: Shard): void {
    this.#sockets.get(memberId)?.socket.emit('shard', shard)
  }

  setManagers(list: ManagerList): void {
    for (const { socket } of this.#sockets.values()) socket.emit('set-managers', list)
  }

  redirect(redirect: Redirect): void {
    for (const { socket } of this.#sockets.values()) socket.emit('redirect', redirect)
  }

  stop(): void {
    this.#beats.stop()
  }

  #connected(socket: SchedulerSocket): void {
    const { schedulerId, instance, address, shard } = schedulerHelloSchema.parse(socket.handshake.auth)
    // With the instance in it no two have the same id, whatever their operator called them.
    const memberId = instance === undefined ? schedulerId : `${schedulerId}~${instance}`
    socket.data = memberId
    this.#warnOfDuplicate(schedulerId, memberId)
    this.#sockets.get(memberId)?.socket.disconnect(true)
    const connected = { member: { memberId, ...(address !== undefined && { address }) }, shard }
    this.#sockets.set(memberId, { socket, connected })
    this.#beats.add(socket)
    socket.on('leave', (answer) => {
      this.#ended(memberId, socket, () => this.#events.left(memberId))
      if (isAnswer(answer)) answer()
    })
    socket.on('disconnect', () => this.#ended(memberId, socket, () => this.#events.lost(memberId)))
    this.#events.arrived(connected)
  }

  #ended(memberId: string, socket: SchedulerSocket, tell: () => void): void {
    this.#beats.remove(socket)
    if (this.#sockets.get(memberId)?.socket !== socket) return
    this.#sockets.delete(memberId)
    tell()
  }

  #warnOfDuplicate(schedulerId: string, memberId: string): void {
    const twin = [...this.#sockets.keys()].find((id) => id !== memberId && id.split('~')[0] === schedulerId)
    if (twin === undefined) return
    this.#events.duplicate(schedulerId)
    this.#logger.warn(
      { schedulerId, memberId, twin },
      'two schedulers have the same id; both work, each under its own suffix: give each its own QUARRY_SCHEDULER_ID',
    )
  }
}
