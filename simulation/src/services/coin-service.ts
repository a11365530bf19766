import { KeepAccounts, SettleBatch } from '@quarry/coin/application'
import type { CoinService as Coins } from '@quarry/contracts'
import type { StopConsuming } from '@quarry/messaging-port'
import type { Ports } from '../engines/sim-engines.ts'
import type { SimProcess } from '../kernel/sim-process.ts'

const limits = { maxMessages: 200, maxWaitMs: 50, maxBatches: 2 }

/** A coin process: settlements in batches, and accounts for whoever asks. What the ledger refuses, the witness sees. */
export class CoinService {
  readonly accounts: Coins
  readonly process: SimProcess
  #stop: Promise<StopConsuming>

  constructor(process: SimProcess, { ledger, live, bus }: Ports) {
    this.process = process
    this.accounts = new KeepAccounts(ledger)
    const settle = new SettleBatch({ ledger, live, earnings: { note: () => undefined } })
    this.#stop = bus.settlements.consume(limits, async (batch) => {
      await settle.run(batch)
    })
  }

  async stop(): Promise<void> {
    await (
      await this.#stop
    )()
  }
}
