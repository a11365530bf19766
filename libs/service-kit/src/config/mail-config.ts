import { z } from 'zod'
import { ConfigError, defineConfig, type ConfigDefinition } from './settings.ts'

const settings = defineConfig('mail', {
  mode: {
    variable: 'QUARRY_MAIL',
    schema: z.enum(['smtp', 'log', 'none']).optional(),
    about:
      'where mails go: to the server of QUARRY_SMTP_URL, whole and with their links to the log, or nowhere; when unset smtp if there is such a URL, none if not',
  },
  smtpUrl: {
    variable: 'QUARRY_SMTP_URL',
    schema: z.url({ protocol: /^smtps?$/, error: 'must be a URL of smtp or smtps' }).optional(),
    about: 'the mail server: "smtp://user:password@mail.example.org:587", or smtps for TLS from the start',
    secret: true,
  },
  from: {
    variable: 'QUARRY_MAIL_FROM',
    schema: z
      .string()
      .max(300)
      .regex(/^([^<>@\p{Cc}]* <)?[^\s<>@]+@[^\s<>@]+>?$/u, 'must be an address, or "Name <address>"')
      .optional(),
    about: 'the sender of mails: "Quarry <quarry@example.org>"; needed for smtp',
  },
})

/** Where mails go, decided. */
export type MailConfig =
  | { readonly mode: 'smtp'; readonly url: string; readonly from: string }
  | { readonly mode: 'log' }
  | { readonly mode: 'none' }

/** What a process reads about mail. Refuses what would only show when the first mail is lost. */
export const mailConfig: ConfigDefinition<MailConfig> = {
  token: settings.token,
  read(env) {
    const { smtpUrl, from, mode = smtpUrl === undefined ? 'none' : 'smtp' } = settings.read(env)
    if (mode !== 'smtp') return { mode }
    const missing = [
      ...(smtpUrl === undefined ? ['QUARRY_SMTP_URL is not set, and QUARRY_MAIL is smtp'] : []),
      ...(from === undefined
        ? ['QUARRY_MAIL_FROM is not set: the sender of the mails that go to QUARRY_SMTP_URL']
        : []),
    ]
    if (smtpUrl === undefined || from === undefined)
      throw new ConfigError(`mail cannot be sent:\n${missing.map((problem) => `  ${problem}`).join('\n')}`)
    return { mode, url: smtpUrl, from }
  },
}
