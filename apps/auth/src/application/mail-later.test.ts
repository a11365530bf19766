import { err, ok, Unavailable } from '@quarry/domain'
import type { Mail, Mailer } from '@quarry/mail-port'
import { FakeClock } from '@quarry/testkit'
import { expect, it } from 'vitest'
import { MailLater } from './mail-later.ts'

const mail: Mail = { to: 'ada@example.org', subject: 'Hello', text: 'Hello', messageId: 'm1' }

function open(send: Mailer['send'], delivers = true) {
  const clock = new FakeClock()
  const told: string[] = []
  const mails = new MailLater({ delivers, send }, clock, { warn: (_, message) => told.push(message) })
  /** Second by second: what is waited for next begins when the last wait has ended. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await clock.advance(1000)
  }
  return { pass, told, mails }
}

it('tries a mail again while the mail server is away, with the same id', async () => {
  const tried: string[] = []
  const { pass, told, mails } = open(async ({ messageId }) => {
    tried.push(messageId)
    if (tried.length < 3) throw new Unavailable('away')
    return ok(undefined)
  })
  mails.send(mail)
  await pass(60)
  expect(tried).toEqual(['m1', 'm1', 'm1'])
  expect(told).toHaveLength(2)
})

it('gives up after some minutes, and goes on with the others', async () => {
  const arrived: string[] = []
  const { pass, told, mails } = open(async ({ messageId }) => {
    if (messageId === 'm1') throw new Unavailable('away')
    arrived.push(messageId)
    return ok(undefined)
  })
  mails.send(mail)
  for (const messageId of ['m2', 'm3', 'm4', 'm5', 'm6']) mails.send({ ...mail, messageId })
  await pass(20 * 60)
  expect(arrived).toEqual(['m2', 'm3', 'm4', 'm5', 'm6'])
  expect(told.at(-1)).toBe('a mail was not sent')
})

it('does not try a refused mail again', async () => {
  let tries = 0
  const { pass, mails } = open(async () => {
    tries++
    return err({ kind: 'mail-refused', reason: 'nobody there' })
  })
  mails.send(mail)
  await pass(20 * 60)
  expect(tries).toBe(1)
})

it('drops mails instead of growing without end', async () => {
  const { told, mails } = open(() => new Promise(() => undefined))
  for (let n = 0; n < 1_100; n++) mails.send({ ...mail, messageId: `m${n}` })
  expect(told.length).toBeGreaterThan(90)
})

it('does nothing where no mail is sent', async () => {
  let tries = 0
  const { mails } = open(async () => {
    tries++
    return ok(undefined)
  }, false)
  mails.send(mail)
  expect(tries).toBe(0)
})
