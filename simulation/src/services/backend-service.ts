import {
  ChangeOrder,
  ClaimFaucet,
  FinishPlacements,
  OrderTerms,
  PlaceOrder,
  ShowOrders,
} from '@quarry/backend/application'
import type { CoinService as Coins } from '@quarry/contracts'
import { ALLOW_NOTHING, hash32, Unavailable, type Clock } from '@quarry/domain'
import type { Ports } from '../engines/sim-engines.ts'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import type { CoinService } from './coin-service.ts'

export const FAUCET_COINS = 100_000

/** A backend process: what customers ask for. The coin service is another process, asked over the network. */
export class BackendService {
  readonly place: PlaceOrder
  readonly change: ChangeOrder
  readonly show: ShowOrders
  readonly faucet: ClaimFaucet
  readonly clock: Clock
  readonly #finish: FinishPlacements

  constructor(
    process: SimProcess,
    ports: Ports,
    around: { network: Network; coins: () => readonly Slot<CoinService>[] },
  ) {
    const { orders, schedule, results, live, clock } = ports
    const coins = around.network.guard(process, 'coin', askingAnyOf(process, around.coins))
    this.clock = clock
    let made = 0
    this.place = new PlaceOrder({
      terms: new OrderTerms({ minIntervalMs: 10_000, allowed: ALLOW_NOTHING }),
      ids: {
        fresh: () => `o-${process.name.replaceAll('.', '-')}-${made++}`,
        keyed: (customerId, key, attempt) => `o${hash32(`${customerId} ${key}`).toString(36)}-${key}-${attempt}`,
      },
      orders,
      coins,
      schedule,
      live,
      clock,
    })
    this.change = new ChangeOrder({ schedule, live, clock })
    this.show = new ShowOrders({ orders, schedule, results, coins, clock })
    this.faucet = new ClaimFaucet({ coins, live, clock }, { faucet: true, faucetCoins: FAUCET_COINS })
    this.#finish = new FinishPlacements({ placeOrder: this.place, clock, onError: () => undefined })
    this.#finish.start()
  }

  async stop(): Promise<void> {
    this.#finish.stop()
  }
}

/** The coin service behind a load balancer: a call that its process does not survive is lost. */
function askingAnyOf(caller: SimProcess, slots: () => readonly Slot<CoinService>[]): Coins {
  const ask = <T>(question: (coins: Coins) => Promise<T>): Promise<T> => {
    const up = slots().filter(({ isUp }) => isUp)
    const service = up.length > 0 ? caller.world.random.pick(up).service : undefined
    if (!service) return Promise.reject(new Unavailable('no coin service is up (simulated)'))
    return new Promise((resolve, reject) => {
      const stop = service.process.onUnreachable(() => reject(new Unavailable('the coin service is gone (simulated)')))
      question(service.accounts)
        .then(resolve, (error: unknown) => reject(error as Error))
        .finally(stop)
    })
  }
  return {
    apply: (transfers) => ask((coins) => coins.apply(transfers)),
    balance: (userId) => ask((coins) => coins.balance(userId)),
    journal: (userId, page) => ask((coins) => coins.journal(userId, page)),
    flows: (userId, days) => ask((coins) => coins.flows(userId, days)),
    orderCoins: (orderIds) => ask((coins) => coins.orderCoins(orderIds)),
  }
}
