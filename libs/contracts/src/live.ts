/** A hint that something changed; the receiver reads the new state from where it is kept. */
export type LiveEvent =
  | { readonly kind: 'bucket-changed' }
  | { readonly kind: 'order-changed'; readonly orderId: string }
  | { readonly kind: 'run-stored'; readonly orderId: string; readonly rep: number }
  /** How far a bulk order has come; `importId` is its `Idempotency-Key`. */
  | { readonly kind: 'import-progress'; readonly importId: string; readonly done: number; readonly total: number }
  | { readonly kind: 'balance-changed' }
  | { readonly kind: 'results-waiting' }
  | { readonly kind: 'miners-changed' }
  | { readonly kind: 'market-changed' }
  /** The user's sessions, tokens or factors. */
  | { readonly kind: 'account-changed' }
  /** Access tokens with one of these grants are over before their time; said on the topic `access` only. */
  | { readonly kind: 'access-ended'; readonly userId: string; readonly grants: readonly string[] }
  | { readonly kind: 'notifications-changed' }
  | { readonly kind: 'wishes-changed'; readonly userId: string }
  | {
      readonly kind: 'test-fetch-changed'
      readonly testId: string
      /** `fetching`: a miner has it now, whose word is not kept. `over`: its outcome can be read. */
      readonly state: 'fetching' | 'over'
    }
  /** How many miners one mining-server has; said now and then, on the topic `miners` only. */
  | { readonly kind: 'miners-connected'; readonly server: string; readonly count: number }
  | { readonly kind: 'deny-list-changed' }
