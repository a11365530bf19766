export { mailerSuite, type MailerHarness } from './mailer.suite.ts'
export { MailServer, type MailServerBehaviour, type ReceivedMail } from './mail-server.ts'
