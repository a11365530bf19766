import { err } from '@quarry/domain'
import type { Mailer } from '@quarry/mail-port'

/** Where the operator has set up no mail: nothing is sent, and nothing of it is written anywhere. */
export const noMailer: Mailer = {
  delivers: false,
  send: async () => err({ kind: 'mail-refused', reason: 'no mail server is set up' }),
}
