export { KeepAccounts } from './keep-accounts.ts'
export { SettleBatch } from './settle-batch.ts'
export { SweepLedger } from './sweep-ledger.ts'
