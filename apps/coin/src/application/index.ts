export { KeepAccounts } from './keep-accounts.ts'
export { SettleBatch } from './settle-batch.ts'
