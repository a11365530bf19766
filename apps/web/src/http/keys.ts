import type { LiveEvent } from '@quarry/contracts'
import type { QueryKey } from '@tanstack/react-query'

/** Every key of the query cache. A key's prefix stands for all below it. */
export const keys = {
  orders: ['orders'],
  orderList: ['orders', 'list'],
  orderSummary: ['orders', 'summary'],
  importProgress: (importId: string) => ['orders', 'import', importId],
  spendLimits: ['orders', 'limits'],
  order: (orderId: string) => ['orders', 'one', orderId],
  orderPreview: (body: unknown) => ['orders', 'preview', body],
  runs: (orderId: string) => ['runs', orderId],
  run: (orderId: string, rep: number) => ['run', orderId, rep],
  runPreview: (orderId: string, rep: number) => ['run-preview', orderId, rep],
  testFetch: (testId: string) => ['test-fetch', testId],
  balance: ['wallet', 'balance'],
  journal: ['wallet', 'journal'],
  walletFigures: ['wallet', 'figures'],
  forecast: ['wallet', 'figures', 'forecast'],
  flows: (per: string, until: string) => ['wallet', 'figures', 'flows', per, until],
  tokens: ['tokens'],
  miners: ['miners'],
  market: ['market'],
  leaderboard: ['market', 'leaderboard'],
  account: ['account'],
  links: ['account', 'links'],
  ownAccount: ['account', 'own'],
  deletion: ['account', 'deletion'],
  sessions: ['account', 'sessions'],
  adminAccountLists: ['admin', 'accounts'],
  adminAccounts: (search: string) => ['admin', 'accounts', search],
  adminAccount: (userId: string) => ['admin', 'account', userId],
  denyList: ['admin', 'deny-list'],
  system: ['admin', 'system'],
  audit: ['admin', 'audit'],
  notifications: ['notifications'],
  deliveries: (endpointId: string) => ['notifications', 'deliveries', endpointId],
} as const satisfies Record<string, QueryKey | ((...args: never[]) => QueryKey)>

/** What to read again after a live event. */
export function keysChangedBy(event: LiveEvent): readonly QueryKey[] {
  switch (event.kind) {
    case 'order-changed':
      return [keys.orderList, keys.orderSummary, keys.order(event.orderId), keys.walletFigures]
    case 'run-stored':
      return [
        keys.orderList,
        keys.orderSummary,
        keys.order(event.orderId),
        keys.runs(event.orderId),
        keys.walletFigures,
      ]
    case 'import-progress':
      return [keys.orderList, keys.orderSummary]
    case 'balance-changed':
      return [keys.balance, keys.journal, keys.walletFigures]
    case 'miners-changed':
      return [keys.miners]
    case 'market-changed':
      return [keys.market]
    case 'notifications-changed':
      return [keys.notifications]
    case 'account-changed':
      return [keys.account, keys.tokens]
    case 'test-fetch-changed':
      return [keys.testFetch(event.testId)]
    case 'bucket-changed':
    case 'access-ended':
    case 'wishes-changed':
    case 'miners-connected':
    case 'results-waiting':
    case 'deny-list-changed':
      return []
  }
}
