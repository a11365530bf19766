export { LogMailer } from './log-mailer.ts'
export { noMailer } from './no-mailer.ts'
