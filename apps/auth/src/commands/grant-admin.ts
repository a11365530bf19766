import { openStoresForCommand, systemClock, type Environment } from '@quarry/service-kit'
import { randomId } from '../application/random-text.ts'

/** What the audit log says of who works at the console of the server. */
const CONSOLE = 'console'

/**
 * `node apps/auth/dist/main.js grant-admin <address>` makes the account of this address an administrator, `revoke-admin`
 * takes that back at once. Exit code 0; 1 when there is no such account, 2 when no address is given.
 */
export function changeAdmin(admin: boolean, address: string | undefined) {
  return async (env: Environment, output: { write(text: string): unknown }): Promise<number> => {
    const command = admin ? 'grant-admin' : 'revoke-admin'
    if (address === undefined) {
      output.write(`Say whom: ${command} somebody@example.com\n`)
      return 2
    }
    const stores = await openStoresForCommand(command, env)
    try {
      const user = await stores.users.userByEmail(address.toLowerCase())
      if (!user) {
        output.write(`Nobody has registered ${address}.\n`)
        return 1
      }
      const { userId } = user
      await stores.operator.appendAudit({
        entryId: randomId(),
        at: systemClock.now(),
        actorId: CONSOLE,
        action: admin ? 'admin.grant' : 'admin.revoke',
        subject: userId,
        reason: command,
        requestId: CONSOLE,
        details: {},
      })
      await stores.operator.setAdmin(userId, admin)
      output.write(admin ? grantedText(address, user.totp !== undefined) : `${address} is no administrator any more.\n`)
      return 0
    } finally {
      await stores.close()
    }
  }
}

function grantedText(address: string, hasSecondFactor: boolean): string {
  const next = hasSecondFactor
    ? 'The administration appears on the site within five minutes, or at the next sign-in.'
    : 'It counts once a second factor is set up, under Account on the site.'
  return `${address} is an administrator. ${next}\n`
}
