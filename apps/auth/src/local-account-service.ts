import type { AccountService, Factors } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { KeepAccounts } from './application/keep-accounts.ts'
import type { StepUp } from './application/step-up.ts'
import { granted } from './http/refusals.ts'

/** Auth as the services of its own process ask it, and behind `/internal/accounts` those of others. */
export function localAccountService(accounts: KeepAccounts, stepUp: StepUp): AccountService {
  return {
    async confirm(userId: UserId, factors: Factors) {
      granted(await stepUp.run({ userId, ...factors }))
    },
    list: (page) => accounts.list(page),
    find: (userId) => accounts.find(userId),
    setState: (userId, state) => accounts.setState(userId, state),
    close: (userId) => accounts.close(userId),
    record: (userId) => accounts.record(userId),
    erase: (userId) => accounts.erase(userId),
  }
}
