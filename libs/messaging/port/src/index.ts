export { Unavailable, UnknownOutcome, WrongCredentials } from '@quarry/domain'
export type * from './job-queue.ts'
export type * from './result-bus.ts'
export type * from './live-events.ts'
