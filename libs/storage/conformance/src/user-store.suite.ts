import type { UserStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe } from 'vitest'
import { accountTests } from './user-store-accounts.cases.ts'
import { credentialTests } from './user-store-credentials.cases.ts'
import { crashTests } from './user-store-crashes.cases.ts'

/** The data of one test, and how it is reached and broken. */
export interface UserStoreBench {
  /** A client of its own connection, such as another server would be. */
  client(): Promise<UserStore>
  /** Makes each of that client's next writes fail at this moment until `mend`: nothing done, or done and not answered. */
  breakWrites?(client: UserStore, moment: 'before' | 'midway' | 'after'): void
  mend?(client: UserStore): void
  close(): Promise<void>
}

export interface UserStoreCapabilities {
  /** Whether `breakWrites` and `mend` are there. */
  readonly crashes: boolean
}

/** The tests' view of the bench: three clients of the same data. */
export interface UserStoreStage {
  readonly clients: () => readonly UserStore[]
  readonly bench: () => UserStoreBench
}

/** What every `UserStore` promises, checked through several clients of the same data. */
export function userStoreSuite(
  name: string,
  open: () => Promise<UserStoreBench>,
  capabilities: UserStoreCapabilities,
): void {
  describe(`UserStore on ${name}`, () => {
    let bench: UserStoreBench
    let clients: readonly UserStore[]
    beforeEach(async () => {
      bench = await open()
      clients = await Promise.all([bench.client(), bench.client(), bench.client()])
    })
    afterEach(() => bench.close())

    const stage: UserStoreStage = { clients: () => clients, bench: () => bench }
    accountTests(stage)
    credentialTests(stage)
    describe.runIf(capabilities.crashes)('when writes break', () => crashTests(stage))
  })
}
