export { PushInbox } from './push-inbox.ts'
export { StoreResults } from './store-results.ts'
