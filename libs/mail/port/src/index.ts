export { Unavailable, UnknownOutcome } from '@quarry/domain'
export type { Mail, Mailer, MailRefused } from './mailer.ts'
export { mailProblem } from './mail-problem.ts'
