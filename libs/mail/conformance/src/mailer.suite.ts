import type { Mail, Mailer } from '@quarry/mail-port'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ReceivedMail } from './mail-server.ts'

/** A mailer, and what those it wrote to have got. */
export interface MailerHarness {
  readonly mailer: Mailer
  received(): Promise<readonly ReceivedMail[]>
  close(): Promise<void>
}

const mail: Mail = { to: 'ada@example.org', subject: 'Hello', text: 'Hello, Ada.', messageId: 'reset-1' }

/** What every `Mailer` must do whose mails can be read. */
export function mailerSuite(name: string, open: () => Promise<MailerHarness>): void {
  async function start() {
    const harness = await open()
    onTestFinished(() => harness.close())
    return harness
  }

  describe(`Mailer: ${name}`, () => {
    test('a mail arrives once, with subject and text as they were written, and its own id', async () => {
      const { mailer, received } = await start()
      const subject = 'Dein Passwort für „Quarry“ zurücksetzen 🪨'
      const text = `Grüße!\n\n${'ein langer Satz ohne Ende, '.repeat(20)}\n.\nhttps://quarry.example/reset#${'a1-_'.repeat(40)}\n.end\n`
      expect(mailer.delivers).toBe(true)
      expect(await mailer.send({ ...mail, subject, text })).toEqual({ ok: true, value: undefined })
      const [first, ...others] = await received()
      expect(others).toEqual([])
      expect(first).toMatchObject({ to: ['ada@example.org'], subject, text })
      expect(first?.messageId).toContain('reset-1')
    })

    test('the tries of one mail have one id, two mails have two', async () => {
      const { mailer, received } = await start()
      for (const messageId of ['a', 'a', 'b']) await mailer.send({ ...mail, messageId })
      const ids = (await received()).map(({ messageId }) => messageId)
      expect(ids).toHaveLength(3)
      expect(new Set(ids).size).toBe(2)
    })

    test('many at once all arrive', async () => {
      const { mailer, received } = await start()
      const sent = await Promise.all(
        Array.from({ length: 20 }, (_, index) => mailer.send({ ...mail, messageId: `m${index}`, text: `${index}` })),
      )
      expect(sent.every(({ ok }) => ok)).toBe(true)
      expect(new Set((await received()).map(({ text }) => text.trim())).size).toBe(20)
    })

    test.each([
      ['a second header in the subject', { subject: 'Hello\r\nBcc: eve@example.org' }],
      ['a bare line feed in the subject', { subject: 'Hello\nBcc: eve@example.org' }],
      ['a bare carriage return in the subject', { subject: 'Hello\rBcc: eve@example.org' }],
      ['a NUL in the subject', { subject: 'Hello\0' }],
      ["Unicode's own line end in the subject", { subject: 'Hello\u2028Bcc: eve@example.org' }],
      ['an empty subject', { subject: '' }],
      ['a second header in the link to unsubscribe', { unsubscribeUrl: 'https://q.example/u\r\nBcc: eve@example.org' }],
      ['a link to unsubscribe that is none', { unsubscribeUrl: 'javascript:alert(1)' }],
      ['an endless subject', { subject: 'a'.repeat(201) }],
      ['a second recipient', { to: 'ada@example.org, eve@example.org' }],
      ['a second recipient by semicolon', { to: 'ada@example.org;eve@example.org' }],
      ['a name beside the address', { to: 'Eve <eve@example.org>' }],
      ['a group of addresses', { to: 'all:eve@example.org;' }],
      ['a command after the address', { to: 'ada@example.org>\r\nRCPT TO:<eve@example.org' }],
      ['an address without a host', { to: 'ada' }],
      ['an address in disguise', { to: '=?utf-8?q?eve=40example.org?=' }],
      ['a blank in the address', { to: 'ada @example.org' }],
      ['an endless text', { text: 'a'.repeat(100_001) }],
      ['an id that leaves its header', { messageId: 'a>\r\nBcc: eve@example.org' }],
    ])('%s is refused, and nothing is sent', async (_, change) => {
      const { mailer, received } = await start()
      expect(await mailer.send({ ...mail, ...change })).toMatchObject({ ok: false, error: { kind: 'mail-refused' } })
      expect(await received()).toEqual([])
    })

    test('a text that looks like headers or like the end of the mail stays text', async () => {
      const { mailer, received } = await start()
      const text = 'Bcc: eve@example.org\n\n.\nRCPT TO:<eve@example.org>\nQUIT\n'
      await mailer.send({ ...mail, text })
      const [first, ...others] = await received()
      expect(others).toEqual([])
      expect(first).toMatchObject({ to: ['ada@example.org'], text })
    })
  })
}
