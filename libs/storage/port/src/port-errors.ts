export { Unavailable, UnknownOutcome } from '@quarry/domain'
