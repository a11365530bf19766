import { dayOf, type Transfer } from '@quarry/domain'
import type { SqliteEngine } from './sqlite-engine.ts'

/** One user's account on one day, for one kind of transfer. */
interface DaySum {
  readonly account: number
  readonly day: number
  readonly kind: number
  coinsIn: number
  coinsOut: number
}

/** The sums by day that one `apply` adds: gathered, then written once each. */
export class AccountDays {
  readonly #sums = new Map<string, DaySum>()

  /** Counts one side of a transfer; only accounts of users are summed up. */
  add(side: { id: string; no: number }, transfer: Transfer, by: { kind: number; amount: number }): void {
    if (!side.id.startsWith('user:')) return
    const day = dayOf(transfer.at)
    const key = `${side.no} ${day} ${by.kind}`
    const sum = this.#sums.get(key) ?? { account: side.no, day, kind: by.kind, coinsIn: 0, coinsOut: 0 }
    if (by.amount > 0) sum.coinsIn += by.amount
    else sum.coinsOut -= by.amount
    this.#sums.set(key, sum)
  }

  write(engine: SqliteEngine): void {
    const add = engine.prepare(
      `INSERT INTO account_day (account, day, kind, coins_in, coins_out) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, day, kind) DO UPDATE SET coins_in = coins_in + excluded.coins_in,
         coins_out = coins_out + excluded.coins_out`,
    )
    for (const { account, day, kind, coinsIn, coinsOut } of this.#sums.values())
      add.run(account, day, kind, coinsIn, coinsOut)
  }
}
