import { createHash, randomBytes } from 'node:crypto'
import type { OrderIds } from './application/place-order.ts'

const ID_BYTES = 16

/** Order ids: the letter o and 128 bits, so that none looks like an option of a command line. */
export const orderIds: OrderIds = {
  fresh: () => `o${randomBytes(ID_BYTES).toString('hex')}`,
  keyed: (customerId, key, attempt) =>
    `o${createHash('sha256')
      .update(JSON.stringify([customerId, key, attempt]))
      .digest('hex')
      .slice(0, 2 * ID_BYTES)}`,
}
