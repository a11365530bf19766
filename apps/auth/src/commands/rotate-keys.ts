import { openStoresForCommand, systemClock, type Environment } from '@quarry/service-kit'
import { Sealing } from '../application/sealing.ts'
import { SigningKeyRing } from '../application/signing-key-ring.ts'
import { authConfig } from '../auth.config.ts'

/**
 * `node apps/auth/dist/main.js rotate-keys`: adds a signing key beside the running service, which publishes it at once
 * and signs with it when its time has come. Exit code 0; 1 when a rotation is under way already.
 */
export async function rotateKeys(env: Environment, output: { write(text: string): unknown }): Promise<number> {
  const config = authConfig.read(env)
  const stores = await openStoresForCommand('rotate-keys', env)
  try {
    const keys = new SigningKeyRing({
      store: stores.users,
      sealing: new Sealing(config.sealingKey),
      clock: systemClock,
      publishAheadMs: config.keyPublishAheadMs,
    })
    const rotated = await keys.rotate()
    if (!rotated.ok) {
      output.write('A new key is waiting for its turn already; try again in a few minutes.\n')
      return 1
    }
    const { kid, signsFrom } = rotated.value
    output.write(`Key ${kid} is published and signs from ${new Date(signsFrom).toISOString()} on.\n`)
    return 0
  } finally {
    await stores.close()
  }
}
