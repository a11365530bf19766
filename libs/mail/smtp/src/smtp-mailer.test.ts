import { Unavailable, UnknownOutcome } from '@quarry/domain'
import { MailServer, mailerSuite } from '@quarry/mail-conformance'
import type { Mail } from '@quarry/mail-port'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SmtpMailer } from './smtp-mailer.ts'

const from = 'Quarry <quarry@example.org>'
const mail: Mail = { to: 'ada@example.org', subject: 'Hello', text: 'Hello, Ada.', messageId: 'reset-1' }
const TIME_LIMIT_MS = 300

mailerSuite('SMTP', async () => {
  const server = await MailServer.start()
  return {
    mailer: new SmtpMailer({ url: server.url, from }),
    received: async () => server.received,
    close: () => server.close(),
  }
})

async function open(options?: { readonly signIn: boolean }) {
  const server = await MailServer.start(options)
  onTestFinished(() => server.close())
  return { server, mailer: new SmtpMailer({ url: server.url, from, timeLimitMs: TIME_LIMIT_MS }) }
}

/** A port on which whoever connects is treated by `welcome`. */
async function listening(welcome: (line: (text: string) => void) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    welcome((text) => void socket.write(text))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a server that does not want to, or cannot', () => {
  test.each([550, 553])('a recipient refused by %i is refused for good', async (status) => {
    const { server, mailer } = await open()
    server.behaviour.recipient = () => status
    expect(await mailer.send(mail)).toMatchObject({ ok: false, error: { kind: 'mail-refused' } })
    expect(server.received).toEqual([])
  })

  test('a text refused for good is refused for good', async () => {
    const { server, mailer } = await open()
    server.behaviour.end = () => 554
    expect(await mailer.send(mail)).toMatchObject({ ok: false, error: { kind: 'mail-refused' } })
  })

  test.each([421, 450, 451])('"later" (%i) is worth trying again, and the next try succeeds', async (status) => {
    const { server, mailer } = await open()
    server.behaviour.recipient = () => status
    await expect(mailer.send(mail)).rejects.toThrow(Unavailable)
    delete server.behaviour.recipient
    server.behaviour.end = () => status
    await expect(mailer.send(mail)).rejects.toThrow(Unavailable)
    delete server.behaviour.end
    expect((await mailer.send(mail)).ok).toBe(true)
    expect(server.received).toHaveLength(1)
  })

  test('a server that is away is unavailable, and used again when it is back', async () => {
    const { server, mailer } = await open()
    const { port } = server
    await server.close()
    await expect(mailer.send(mail)).rejects.toThrow(Unavailable)
    const back = await MailServer.start({ signIn: false, port })
    onTestFinished(() => back.close())
    expect((await mailer.send(mail)).ok).toBe(true)
  })

  test('a host that does not exist is unavailable', async () => {
    const mailer = new SmtpMailer({ url: 'smtp://mail.invalid', from, timeLimitMs: 3000 })
    await expect(mailer.send(mail)).rejects.toThrow(Unavailable)
  })

  test('a server that says nothing costs the time limit and no more', async () => {
    const mailer = new SmtpMailer({ url: await listening(() => undefined), from, timeLimitMs: TIME_LIMIT_MS })
    await expect(mailer.send(mail)).rejects.toThrow(/cannot be used|lost/)
  })

  test('a server that dribbles costs the time limit and no more', async () => {
    const url = await listening((write) => {
      write('220 hello\r\n')
      const timer = setInterval(() => write('250-still thinking\r\n'), 20)
      onTestFinished(() => clearInterval(timer))
    })
    const mailer = new SmtpMailer({ url, from, timeLimitMs: TIME_LIMIT_MS })
    await expect(mailer.send(mail)).rejects.toThrow(UnknownOutcome)
  })

  test('a server that never confirms what it got leaves the outcome unknown', async () => {
    const { server, mailer } = await open()
    server.behaviour.silent = true
    await expect(mailer.send(mail)).rejects.toThrow(UnknownOutcome)
    expect(server.received).toHaveLength(1)
  })
})

describe('signing in at the mail server', () => {
  const account = { user: 'quarry', password: 'p@ss:word/ü' }
  const withAccount = (url: string, { user, password } = account) =>
    url.replace('smtp://', `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`)

  test('takes name and password out of the URL', async () => {
    const { server } = await open({ signIn: true })
    server.behaviour.account = account
    const mailer = new SmtpMailer({ url: withAccount(server.url), from })
    expect((await mailer.send(mail)).ok).toBe(true)
  })

  test('a wrong password is unavailable: the operator mends it, the mail is not at fault', async () => {
    const { server } = await open({ signIn: true })
    server.behaviour.account = account
    const mailer = new SmtpMailer({ url: withAccount(server.url, { ...account, password: 'wrong' }), from })
    const sent = mailer.send(mail)
    await expect(sent).rejects.toThrow(Unavailable)
    await expect(sent).rejects.not.toThrow('wrong')
  })

  test('a password is not sent to another machine without encryption', async () => {
    const heard: string[] = []
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write('220 hello\r\n')
      socket.on('data', (data) => {
        heard.push(data.toString())
        socket.write(data.toString().startsWith('EHLO') ? '250-hello\r\n250 AUTH PLAIN LOGIN\r\n' : '500 no\r\n')
      })
      onTestFinished(() => void socket.destroy())
    }).listen(0, '0.0.0.0')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    // To our rule 0.0.0.0 is another machine; to the system it is this one.
    const url = withAccount(`smtp://0.0.0.0:${(server.address() as AddressInfo).port}`)
    await expect(new SmtpMailer({ url, from, timeLimitMs: TIME_LIMIT_MS }).send(mail)).rejects.toThrow()
    expect(heard.join('')).toContain('EHLO')
    expect(heard.join('')).not.toContain('AUTH')
  })
})
