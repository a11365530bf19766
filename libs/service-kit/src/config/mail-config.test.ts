import { expect, it } from 'vitest'
import { mailConfig } from './mail-config.ts'

const url = 'smtp://quarry:hunter2-hunter2@mail.example.org:587'
const from = 'Quarry <quarry@example.org>'

it('sends nothing unless a server is named', () => {
  expect(mailConfig.read({})).toEqual({ mode: 'none' })
  expect(mailConfig.read({ QUARRY_SMTP_URL: url, QUARRY_MAIL_FROM: from })).toEqual({ mode: 'smtp', url, from })
})

it('writes mails to the log only when told to, also beside a server', () => {
  expect(mailConfig.read({ QUARRY_MAIL: 'log' })).toEqual({ mode: 'log' })
  expect(mailConfig.read({ QUARRY_MAIL: 'none', QUARRY_SMTP_URL: url })).toEqual({ mode: 'none' })
})

it.each([
  ['a server without a sender', { QUARRY_SMTP_URL: url }, 'QUARRY_MAIL_FROM'],
  ['smtp without a server', { QUARRY_MAIL: 'smtp', QUARRY_MAIL_FROM: from }, 'QUARRY_SMTP_URL'],
  ['a server of another kind', { QUARRY_SMTP_URL: 'https://mail.example.org', QUARRY_MAIL_FROM: from }, 'smtp'],
  ['a sender of two lines', { QUARRY_SMTP_URL: url, QUARRY_MAIL_FROM: 'A\nB <a@b.example>' }, 'QUARRY_MAIL_FROM'],
  ['a sender without an address', { QUARRY_SMTP_URL: url, QUARRY_MAIL_FROM: 'Quarry' }, 'QUARRY_MAIL_FROM'],
])('refuses %s', (_, env, problem) => {
  const read = () => mailConfig.read(env)
  expect(read).toThrow(problem)
  expect(read).not.toThrow('hunter2')
})
