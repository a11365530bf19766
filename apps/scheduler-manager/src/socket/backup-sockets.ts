import {
  managerHelloSchema,
  type BackupToPrimary,
  type InitBackup,
  type ManagerBeat,
  type ManagerList,
  type MemberChange,
  type PrimaryToBackup,
  type Resigned,
} from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { Heartbeats, type BeatRules } from './heartbeats.ts'
import { internalHello } from './internal-hello.ts'

type BackupSocket = Socket<BackupToPrimary, PrimaryToBackup>

/** Given to the backups to hear that the primary ends. */
const FAREWELL_MS = 500

export interface BackupEvents {
  /** What a backup has to know when it begins to follow; undefined while this manager does not lead. */
  init(): InitBackup | undefined
  changed(): void
  duplicate(managerId: string): void
}

/** The backups that follow this manager while it is primary. */
export class BackupSockets {
  readonly #events: BackupEvents
  readonly #logger: Logger
  readonly #beats: Heartbeats<BackupSocket>
  readonly #backups = new Map<BackupSocket, { readonly managerId: string; readonly address: string }>()

  constructor(deps: { clock: Clock; logger: Logger; events: BackupEvents }, rules: BeatRules) {
    this.#events = deps.events
    this.#logger = deps.logger
    this.#beats = new Heartbeats(deps.clock, rules)
  }

  serve(
    server: Server<BackupToPrimary, PrimaryToBackup>,
    from: { secret: string; managerId: string; beat: () => ManagerBeat },
  ): void {
    server.use(internalHello(managerHelloSchema, from.secret))
    server.on('connection', (socket) => this.#connected(socket, from.managerId))
    this.#beats.start(from.beat, (socket) =>
      this.#logger.warn({ address: this.#backups.get(socket)?.address }, 'a backup does not answer'),
    )
  }

  get addresses(): readonly string[] {
    return [...new Set([...this.#backups.values()].map(({ address }) => address))]
  }

  setBackups(list: ManagerList): void {
    for (const socket of this.#backups.keys()) socket.emit('set-backups', list)
  }

  member(change: MemberChange): void {
    for (const socket of this.#backups.keys()) socket.emit('member', change)
  }

  /** Tells the backups that this primary ends; resolves when they know, or will not. */
  async resign(resigned: Resigned): Promise<void> {
    await Promise.allSettled(
      [...this.#backups.keys()].map((socket) => socket.timeout(FAREWELL_MS).emitWithAck('resigned', resigned)),
    )
  }

  /** Leads no more: whoever followed looks for the one that does. */
  dismiss(): void {
    for (const socket of this.#backups.keys()) socket.disconnect(true)
  }

  stop(): void {
    this.#beats.stop()
  }

  #connected(socket: BackupSocket, ownId: string): void {
    const { managerId, address } = managerHelloSchema.parse(socket.handshake.auth)
    const init = this.#events.init()
    if (!init) {
      socket.disconnect(true)
      return
    }
    if (managerId === ownId || [...this.#backups.values()].some((other) => other.managerId === managerId)) {
      this.#events.duplicate(managerId)
      this.#logger.warn(
        { managerId, address },
        'two managers have the same id; both work, the lease tells them apart: give each its own QUARRY_MANAGER_ID',
      )
    }
    if (address === init.addresses[0])
      this.#logger.error({ address }, 'another manager announces this address as its own: set QUARRY_ADVERTISED_URL')
    this.#backups.set(socket, { managerId, address })
    this.#beats.add(socket)
    socket.on('disconnect', () => {
      this.#beats.remove(socket)
      if (this.#backups.delete(socket)) this.#events.changed()
    })
    socket.emit('init-backup', init)
    this.#events.changed()
  }
}
