export { Unavailable, UnknownOutcome, WrongCredentials } from '@quarry/domain'
