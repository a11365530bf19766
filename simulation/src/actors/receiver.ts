import type { Delivery } from '@quarry/contracts'
import type { JobId, UserId } from '@quarry/domain'
import { connect, type LinkEnd } from '../faults/link.ts'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import type { ResultService } from '../services/result-service.ts'

const RECONNECT_MS = 1_000
const WINDOW = 50

/** A customer's disk: it outlives the result-client. */
export class Disk {
  readonly customerId: UserId
  readonly received = new Map<JobId, number>()
  cursor: string | undefined
  /** A result that came before one which was already written. */
  disorder: string | undefined

  constructor(customerId: UserId) {
    this.customerId = customerId
  }

  write({ cursor, run }: Delivery): void {
    if (this.cursor !== undefined && cursor <= this.cursor) {
      // Pushed again after a reconnect that overtook our acknowledgement is fine; an unknown one is not.
      if (!this.received.has(run.jobId)) this.disorder ??= run.jobId
      return
    }
    this.received.set(run.jobId, (this.received.get(run.jobId) ?? 0) + 1)
    this.cursor = cursor
  }
}

/** A result-client: it writes, then acknowledges, and goes on after its last cursor. */
export class Receiver {
  readonly #process: SimProcess
  readonly #disk: Disk
  readonly #around: { network: Network; servers: () => readonly Slot<ResultService>[] }
  #link: LinkEnd | undefined
  #connection = 0
  #writtenAt = 0

  constructor(
    process: SimProcess,
    disk: Disk,
    around: { network: Network; servers: () => readonly Slot<ResultService>[] },
  ) {
    this.#process = process
    this.#disk = disk
    this.#around = around
    this.#connect()
  }

  #connect(): void {
    const { random } = this.#process.world
    const slot = random.pick(this.#around.servers())
    const server = slot.process
    const connection = ++this.#connection
    const cancel = this.#process.clock.after(2 * RECONNECT_MS, () => this.#reconnect(connection))
    if (!server || server.cutOff || this.#process.cutOff) return
    const after = this.#disk.cursor
    server.deliver(this.#around.network.latencyMs(), () => {
      const service = slot.service
      if (!service || this.#process.state === 'dead' || connection !== this.#connection) return
      const [here, there] = connect(
        this.#around.network,
        [this.#process, server],
        [() => this.#reconnect(connection), () => inbox.closed()],
      )
      const inbox = service.connected(
        {
          customerId: this.#disk.customerId,
          window: WINDOW,
          results: (deliveries) => {
            const list = [...deliveries]
            there.send(() => this.#received(list, (cursor) => here.send(() => inbox.ack(cursor))))
          },
        },
        after,
      )
      there.send(() => {
        if (connection !== this.#connection) return here.close()
        cancel()
        this.#link = here
      })
    })
  }

  #reconnect(connection: number): void {
    if (connection !== this.#connection) return
    this.#connection++
    this.#link?.close()
    this.#link = undefined
    this.#process.clock.after(RECONNECT_MS, () => this.#connect())
  }

  #received(deliveries: readonly Delivery[], ack: (cursor: string) => void): void {
    const connection = this.#connection
    // One write after the other: a disk takes its time, but does not change the order.
    const { world, clock } = this.#process
    this.#writtenAt = Math.max(this.#writtenAt, world.now + world.random.whole(1, 30))
    clock.after(this.#writtenAt - world.now, () => {
      if (connection !== this.#connection) return
      for (const delivery of deliveries) this.#disk.write(delivery)
      const last = deliveries.at(-1)
      if (last) ack(last.cursor)
    })
  }
}
