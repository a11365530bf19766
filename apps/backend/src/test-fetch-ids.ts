import { testFetchIdOf } from '@quarry/domain'
import { createHash, randomBytes } from 'node:crypto'
import type { TestFetchIds } from './application/start-test-fetch.ts'

const ID_BYTES = 16

/** Ids of 128 bits, by chance or from a customer's key. */
export const testFetchIds: TestFetchIds = {
  fresh: () => testFetchIdOf(randomBytes(ID_BYTES).toString('hex')),
  keyed: (customerId, key) =>
    testFetchIdOf(
      createHash('sha256')
        .update(JSON.stringify(['test', customerId, key]))
        .digest('hex')
        .slice(0, 2 * ID_BYTES),
    ),
}
