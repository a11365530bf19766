import type { Mail } from '@quarry/mail-port'
import type { User } from '@quarry/storage-port'
import { randomId } from './random-text.ts'

/** The languages in which we write. */
export type MailLanguage = 'de' | 'en'

type Recipient = Pick<User, 'email' | 'language'>

/** A link to a new password. `language`: of the page where it was asked for, if the user has none. */
export function passwordResetMail(
  to: Recipient,
  { link, language }: { readonly link: string; readonly language?: MailLanguage | undefined },
): Mail {
  const words = {
    en: {
      subject: 'Choose a new password for Quarry',
      text: `Hello,

somebody, most likely you, asked for a new password for your account at Quarry. Choose it here, within 30 minutes:

${link}

The link works once. If your account has a second factor, you are asked for it as well. If you did not ask for this, you
need do nothing: your password stays as it is.
`,
    },
    de: {
      subject: 'Wähle ein neues Passwort für Quarry',
      text: `Hallo,

jemand, sehr wahrscheinlich du, hat ein neues Passwort für dein Konto bei Quarry angefordert. Wähle es hier, innerhalb von
30 Minuten:

${link}

Der Link gilt einmal. Hat dein Konto einen zweiten Faktor, wirst du auch danach gefragt. Warst du das nicht, musst du nichts
tun: Dein Passwort bleibt, wie es ist.
`,
    },
  }[languageOf(to, language)]
  return { ...words, to: to.email, messageId: `password-reset-${randomId()}` }
}

/** Tells the owner that the password is another one now. */
export function passwordChangedMail(to: Recipient): Mail {
  const words = {
    en: {
      subject: 'Your password for Quarry was changed',
      text: `Hello,

the password of your account at Quarry was changed just now. If that was you, all is well.

If it was not, choose a new one at once by "Forgot your password?" on the page where you sign in, and look through your
sessions and API tokens.
`,
    },
    de: {
      subject: 'Dein Passwort für Quarry wurde geändert',
      text: `Hallo,

das Passwort deines Kontos bei Quarry wurde eben geändert. Warst du das, ist alles gut.

Warst du es nicht, wähle sofort ein neues über „Passwort vergessen?“ auf der Anmeldeseite, und sieh deine Sitzungen und
API-Tokens durch.
`,
    },
  }[languageOf(to)]
  return { ...words, to: to.email, messageId: `password-changed-${randomId()}` }
}

function languageOf({ language }: Recipient, asked?: MailLanguage): MailLanguage {
  return (language ?? asked) === 'de' ? 'de' : 'en'
}
