import { MailServer } from '@quarry/mail-conformance'
import { SmtpMailer } from '@quarry/mail-smtp'
import { expect, it, onTestFinished } from 'vitest'
import { SendMails } from '../src/application/notifications/send-mails.ts'
import { openStage } from './notification-stage.ts'

const HOUR_MS = 3_600_000

async function open(language: 'en' | 'de' = 'en') {
  const stage = openStage()
  const server = await MailServer.start()
  onTestFinished(() => server.close())
  const { store, news, orders, users, signing, clock } = stage
  await users.createUser({ userId: 'customer', email: 'ada@example.org', passwordHash: 'x', createdAt: 0 })
  const unsent: unknown[] = []
  const mails = new SendMails({
    ...{ store, news, orders, users, signing, clock },
    mailer: new SmtpMailer({ url: server.url, from: 'quarry@example.org' }),
    siteUrl: () => 'https://quarry.example',
    onUnsent: (error) => unsent.push(error),
  })
  const mail = { changed: true, failed: true, lowBalance: true, language }
  await stage.wishes.saveSettings('customer', { mail, missesInARow: 2 })
  await stage.placeOrder()
  const round = async (waitMs = 0) => {
    await clock.advance(waitMs)
    return mails.round('customer')
  }
  return { ...stage, server, round, unsent, mail }
}

it('mails a change with a link to the order and one to unsubscribe, as mail programs know it', async () => {
  const { arrive, round, server, signing } = await open()
  await arrive(0, 'a')
  await arrive(1, 'b')
  await round()
  await round(30_000)
  expect(server.received).toHaveLength(1)
  const [{ to, subject, text, headers }] = server.received as [(typeof server.received)[0]]
  expect({ to, subject }).toEqual({ to: ['ada@example.org'], subject: 'Prices has changed' })
  expect(text).toContain('https://quarry.example/orders/o1')
  const link = `https://quarry.example/api/v1/notifications/unsubscribe?token=${signing.unsubscribeToken('customer')}`
  expect(text).toContain(link)
  expect(headers).toMatchObject({
    'list-unsubscribe': `<${link}>`,
    'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
  })
})

it('writes once an hour of an order, however often it changes, and gathers meanwhile', async () => {
  const { arrive, round, server } = await open('de')
  for (let rep = 0; rep < 10; rep++) {
    await arrive(rep, String(rep))
    await round()
    await round(30_000)
  }
  expect(server.received).toHaveLength(1)
  await round(HOUR_MS)
  expect(server.received.map(({ subject }) => subject)).toEqual([
    'Prices hat sich geändert',
    'Prices hat sich geändert',
  ])
  expect(server.received[1]!.text).toContain('8-mal geändert')
  await round(2 * HOUR_MS)
  expect(server.received).toHaveLength(2)
})

it('writes of misses in a row, and of low coins', async () => {
  const { arrive, round, server, store, clock } = await open()
  await arrive(0)
  await arrive(1)
  await round()
  const news = { type: 'balance.low', availableCoins: 4, thresholdCoins: 9 } as const
  await store.addNote('customer', { noteId: 'n', at: clock.now(), news })
  await round()
  await round(30_000)
  expect(server.received.map(({ subject }) => subject)).toEqual(['Prices fails'])
  expect(server.received[0]!.text).toContain('4 coins left, fewer than the 9')
})

it('is not carried away by the name of an order', async () => {
  const { arrive, round, server, placeOrder } = await open()
  await placeOrder('o2', { name: 'Evil\r\nBcc: eve@example.org\r\n\r\nbody' })
  await arrive(0, 'a', { orderId: 'o2' })
  await arrive(1, 'b', { orderId: 'o2' })
  await round()
  await round(30_000)
  expect(server.received[0]!.to).toEqual(['ada@example.org'])
  expect(server.received[0]!.subject).toBe('Evil Bcc: eve@example.org body has changed')
})

it('tries again while the mail server is away, with the same message id', async () => {
  const { arrive, round, server, unsent } = await open()
  server.behaviour.end = () => 451
  await arrive(0, 'a')
  await arrive(1, 'b')
  await round()
  await round(30_000)
  expect(unsent).toHaveLength(1)
  delete server.behaviour.end
  await round(300_000)
  expect(server.received).toHaveLength(1)
})

it('ends with one click for whoever has the link, and for nobody else', async () => {
  const { wishes, signing, mail, round, arrive, server } = await open()
  await expect(wishes.unsubscribe('customer.forged')).rejects.toMatchObject({ code: 'unsubscribe_invalid' })
  await expect(wishes.unsubscribe(`other${signing.unsubscribeToken('customer').slice(8)}`)).rejects.toThrow()
  expect((await wishes.show('customer')).mail).toEqual(mail)
  await wishes.unsubscribe(signing.unsubscribeToken('customer'))
  await wishes.unsubscribe(signing.unsubscribeToken('customer'))
  expect((await wishes.show('customer')).mail).toEqual({ ...mail, changed: false, failed: false, lowBalance: false })
  await arrive(0, 'a')
  await arrive(1, 'b')
  await round()
  await round(HOUR_MS)
  expect(server.received).toEqual([])
})
