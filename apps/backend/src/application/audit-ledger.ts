import type { LedgerAuditView } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { auditOwed, type LedgerStore, type OwingStores } from '@quarry/storage-port'

/** What was stored so lately may be on its way to the ledger still. */
const GRACE_MS = 10_000

/** Checks every invariant of the ledger, and that it has what is stored elsewhere. */
export class AuditLedger {
  readonly #stores: OwingStores & { readonly ledger: Pick<LedgerStore, 'audit'> }
  readonly #clock: Clock

  constructor(stores: OwingStores & { readonly ledger: Pick<LedgerStore, 'audit'> }, clock: Clock) {
    this.#stores = stores
    this.#clock = clock
  }

  /** Names the first of those not settled, and says how many more there are. */
  async run(): Promise<LedgerAuditView> {
    const at = this.#clock.now()
    const violations = await this.#stores.ledger.audit(at)
    const { named, count } = await auditOwed(this.#stores, { clock: this.#clock, graceMs: GRACE_MS })
    const more = count - named.length
    const others = { invariant: 'stored-is-settled', subject: `${more} more`, detail: 'not settled either' }
    return {
      at,
      tookMs: Math.max(0, this.#clock.now() - at),
      violations: [...violations, ...named, ...(more > 0 ? [others] : [])],
    }
  }
}
