import type { UserStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe } from 'vitest'
import { accountTests } from './user-store-accounts.cases.ts'
import { credentialTests } from './user-store-credentials.cases.ts'
import { crashTests } from './user-store-crashes.cases.ts'
import { elsewhereCrashTests, elsewhereTests } from './user-store-elsewhere.cases.ts'
import type { UserStoreBench, UserStoreCapabilities, UserStoreStage } from './user-store-stage.ts'

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
    elsewhereTests(stage)
    describe.runIf(capabilities.crashes)('when writes break', () => {
      crashTests(stage)
      elsewhereCrashTests(stage)
    })
  })
}
