export { userStoreSuite } from './user-store.suite.ts'
export type { UserStoreBench, UserStoreCapabilities } from './user-store.suite.ts'
