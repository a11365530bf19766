import { Customers, GRID_MS } from './actors/customers.ts'
import { Miner } from './actors/miner.ts'
import { Disk, Receiver } from './actors/receiver.ts'
import type { Witness } from './audit/witness.ts'
import { SimEngines, type Ports } from './engines/sim-engines.ts'
import { Chaos } from './faults/chaos.ts'
import type { Network } from './faults/network.ts'
import type { Plant } from './faults/plants.ts'
import type { SimProcess } from './kernel/sim-process.ts'
import { Slot, type Service } from './kernel/slot.ts'
import type { World } from './kernel/world.ts'
import { BackendService } from './services/backend-service.ts'
import { CoinService } from './services/coin-service.ts'
import { ManagerService } from './services/manager-service.ts'
import { MiningService } from './services/mining-service.ts'
import { ResultService } from './services/result-service.ts'
import { SchedulerService } from './services/scheduler-service.ts'

const MINUTE_MS = 60_000
const POLITE_GAP_MS = 1_000
/** A miner's owners have a few machines each. */
const DEVICES_PER_USER = 3
const CUSTOMERS = 8

export interface MarketplaceSize {
  readonly days: number
  readonly schedulers: number
  readonly miners: number
  readonly orders: number
}

/** All processes of a marketplace, its customers, and what befalls them. */
export class Marketplace {
  readonly engines: SimEngines
  readonly customers: Customers
  readonly chaos: Chaos
  readonly disks: readonly Disk[]
  readonly minerUsers: readonly string[]
  readonly #world: World
  readonly #network: Network
  readonly #services: readonly Slot[]
  readonly #miners: readonly Slot<Miner>[]
  readonly #schedulers: readonly Slot<SchedulerService>[]
  #ending = false

  constructor(
    world: World,
    parts: { network: Network; witness: Witness; plant: Plant | undefined; size: MarketplaceSize },
  ) {
    const { network, size } = parts
    this.#world = world
    this.#network = network
    this.engines = new SimEngines(world, parts)
    const gapMs = (host: string) => (host.startsWith('polite') ? POLITE_GAP_MS : 0)
    const managers: Slot<ManagerService>[] = this.#slots('manager', 3, (process, ports) => {
      return new ManagerService(process, ports, { network, managers: () => managers, schedulers: () => schedulers })
    })
    const schedulers: Slot<SchedulerService>[] = this.#slots(
      'scheduler',
      size.schedulers,
      (process, ports) => new SchedulerService(process, ports, { network, managers: () => managers, gapMs }),
    )
    const coins = this.#slots('coin', 2, (process, ports) => new CoinService(process, ports))
    const results = this.#slots('result', 3, (process, ports) => new ResultService(process, ports))
    const mining = this.#slots('mining', 3, (process, ports) => new MiningService(process, ports))
    const backends = this.#slots(
      'backend',
      2,
      (process, ports) => new BackendService(process, ports, { network, coins: () => coins }),
    )
    this.#schedulers = schedulers
    this.#services = [...managers, ...schedulers, ...coins, ...results, ...mining, ...backends]
    for (const slot of this.#services) slot.start()
    this.customers = new Customers(world, {
      network,
      backends: () => backends,
      customers: CUSTOMERS,
      days: size.days,
      orders: size.orders,
      hosts: [
        'polite-a.example',
        'polite-b.example',
        'polite-c.example',
        'any-a.example',
        'any-b.example',
        'any-c.example',
      ],
    })
    this.disks = this.customers.ids.map((id) => new Disk(id))
    const receivers = this.disks.map((disk) =>
      this.#slot(
        `receiver-${disk.customerId}`,
        (process) => new Receiver(process, disk, { network, servers: () => results }),
      ),
    )
    const userOf = (index: number) => `miner-${Math.floor(index / DEVICES_PER_USER)}`
    this.#miners = Array.from({ length: size.miners }, (_, index) =>
      this.#slot(`device-${index}`, (process) => {
        const [userId, deviceId, capacity] = [userOf(index), `device-${index}`, 1 + (index % 4)]
        return new Miner(process, { userId, deviceId, capacity, network, servers: () => mining })
      }),
    )
    this.minerUsers = [...new Set(this.#miners.map((_, index) => userOf(index)))]
    for (const slot of [...receivers, ...this.#miners]) slot.start()
    this.chaos = new Chaos(world, {
      network,
      slots: () => [...this.#services, world.random.pick(receivers), world.random.pick(this.#miners)],
      loseQueue: () => this.engines.queue.loseMemory(),
      nextBusyTime: () => (Math.floor(world.now / GRID_MS) + 1) * GRID_MS,
    })
  }

  /** No more faults: everything that is down or paused comes back. */
  end(): void {
    this.#ending = true
    this.chaos.stop()
    this.#network.becomeCalm()
    for (const { process } of this.#services) if (process) process.trap = undefined
    this.customers.cancelAll()
  }

  /** Whether nothing waits for anything, in any process or engine. */
  async isCalm(calmMs: number): Promise<boolean> {
    const { now } = this.#world
    if (now - this.#network.lastActivityAt < calmMs || this.#network.outages.size > 0) return false
    if (!this.#services.every(({ isUp }) => isUp)) return false
    if (this.#miners.some(({ service }) => (service?.waiting ?? 0) > 0)) return false
    if ((await this.engines.bus.backlog()) > 0) return false
    const { waiting, leased, dead } = await this.engines.queue.depth
    return waiting + leased + dead === 0
  }

  /** What keeps it from being calm, for whoever looks into it. */
  describe(): string {
    const down = this.#services.filter(({ isUp }) => !isUp).map(({ name }) => name)
    const owned = this.#schedulers.map(({ service }) => service?.ownedBuckets ?? 0)
    const waiting = this.#miners.flatMap(({ service }) => (service && service.waiting > 0 ? service.describe() : []))
    return `not up: ${down.join(' ') || 'none'}; buckets owned: ${owned.join(' ')}; waiting miners: ${waiting.join('; ') || 'none'}`
  }

  #slots<S extends Service>(kind: string, count: number, start: (process: SimProcess, ports: Ports) => S): Slot<S>[] {
    return Array.from({ length: count }, (_, index) =>
      this.#slot(`${kind}-${index}`, (process) => start(process, this.engines.for(process))),
    )
  }

  #slot<S extends Service>(name: string, start: (process: SimProcess) => S): Slot<S> {
    const { random } = this.#world
    return new Slot<S>(this.#world, {
      name,
      skewMs: this.#network.weather.skewMs,
      restartMs: () => (this.#ending ? 1_000 : random.pick([300, 2_000, 2_000, 20_000, 5 * MINUTE_MS])),
      start,
    })
  }
}
