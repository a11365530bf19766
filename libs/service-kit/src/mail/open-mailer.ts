import { LogMailer, noMailer } from '@quarry/mail-log'
import type { Mailer } from '@quarry/mail-port'
import type { Logger } from 'pino'
import type { MailConfig } from '../config/mail-config.ts'

/** The mailer that the operator chose. Opening it connects to nothing: a mail server that is away stops no start. */
export async function openMailer(config: MailConfig, logger: Logger): Promise<Mailer> {
  switch (config.mode) {
    case 'none':
      return noMailer
    case 'log':
      return new LogMailer(({ to, subject, text }) =>
        logger.warn({ to, subject, text }, 'mail: no server is set up, so it is written here'),
      )
    case 'smtp': {
      const { SmtpMailer } = await import('@quarry/mail-smtp')
      return new SmtpMailer(config)
    }
  }
}
