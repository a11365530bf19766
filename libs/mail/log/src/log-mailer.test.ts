import { mailerSuite } from '@quarry/mail-conformance'
import type { Mail } from '@quarry/mail-port'
import { expect, test } from 'vitest'
import { LogMailer } from './log-mailer.ts'
import { noMailer } from './no-mailer.ts'

mailerSuite('log', async () => {
  const written: Mail[] = []
  return {
    mailer: new LogMailer((mail) => written.push(mail)),
    received: async () => written.map(({ to, ...mail }) => ({ ...mail, to: [to] })),
    close: async () => undefined,
  }
})

test('without a mail server every mail is refused, and the mailer says so beforehand', async () => {
  expect(noMailer.delivers).toBe(false)
  const sent = await noMailer.send({ to: 'ada@example.org', subject: 'Hello', text: 'Hello', messageId: '1' })
  expect(sent.ok).toBe(false)
})
