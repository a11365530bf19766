import { CodedError } from '@quarry/contracts'
import { escrowOf, mintAccount, settlementOf, userAccount, type Transfer } from '@quarry/domain'
import { HttpCoinService, startServices, type RunningServices } from '@quarry/service-kit'
import { anOrder, aRun } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditLedger } from '../src/commands/audit-ledger.ts'
import { coinService } from '../src/index.ts'

const SECRET = 'test-only-internal-secret-of-thirty-two'

let dataDir: string
let running: RunningServices

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'quarry-coin-'))
  running = await startServices([coinService], {
    env: { QUARRY_DATA: dataDir, QUARRY_PORT: '0', QUARRY_LOG_LEVEL: 'silent', QUARRY_INTERNAL_SECRET: SECRET },
  })
})

afterAll(async () => {
  await running.stop()
  rmSync(dataDir, { recursive: true })
})

async function call(method: string, body: unknown, authorization = `Bearer ${SECRET}`) {
  const response = await fetch(new URL(`/internal/coins/${method}`, running.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as { error?: { code: string } } }
}

function mint(user: string, amountCoins: number): Transfer {
  return { id: `mint-${user}`, kind: 'mint', debit: mintAccount(user), credit: userAccount(user), amountCoins, at: 1 }
}

const methods = [
  ['apply', { transfers: [mint('thief', 1000)] }],
  ['balance', { userId: 'customer' }],
  ['journal', { userId: 'customer', page: {} }],
  ['order-coins', { orderIds: ['o1'] }],
] as const

describe('the secret', () => {
  test.each(methods)('%s without it, or with another, is refused and does nothing', async (method, body) => {
    expect(await call(method, body, '')).toMatchObject({ status: 401, body: { error: { code: 'not_signed_in' } } })
    expect(await call(method, body, 'Bearer not-the-secret')).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    })
    expect((await running.engines.ledger.balance('user:thief')).postedCoins).toBe(0)
  })
})

test('transfers, balance, journal and the coins of an order', async () => {
  const order = anOrder({ customerId: 'anna', id: 'o-anna' })
  const settled = settlementOf(aRun({ orderId: order.id, customerId: 'anna' }))
  const first = await call('apply', { transfers: [mint('anna', 10), escrowOf(order), settled] })
  expect(first).toMatchObject({
    status: 200,
    body: [{ kind: 'posted', repeated: false }, { kind: 'posted' }, { kind: 'posted' }],
  })
  expect((await call('apply', { transfers: [mint('anna', 10)] })).body).toEqual([{ kind: 'posted', repeated: true }])
  expect((await call('apply', { transfers: [mint('anna', 11)] })).body).toEqual([{ kind: 'mismatch' }])
  expect((await call('balance', { userId: 'anna' })).body).toEqual({ availableCoins: 7, heldCoins: 0 })
  expect((await call('journal', { userId: 'anna', page: { limit: 1 } })).body).toMatchObject({
    items: [{ kind: 'escrow', amountCoins: -3, orderId: order.id }],
    next: expect.any(String) as string,
  })
  expect((await call('order-coins', { orderIds: [order.id, 'unknown'] })).body).toEqual([
    { paidInCoins: 3, paidOutCoins: 1, refundedCoins: 0 },
    { paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 },
  ])
})

test.each([
  ['not JSON', 'apply', '{', 400, 'malformed_json'],
  ['no transfers', 'apply', {}, 400, 'invalid_input'],
  ['half a coin', 'apply', { transfers: [{ ...mint('x', 1), amountCoins: 0.5 }] }, 400, 'invalid_input'],
  ['less than nothing', 'apply', { transfers: [{ ...mint('x', 1), amountCoins: -5 }] }, 400, 'invalid_input'],
  ['one account twice', 'apply', { transfers: [{ ...mint('x', 1), debit: 'user:x' }] }, 400, 'invalid_input'],
  ['an account of no kind', 'apply', { transfers: [{ ...mint('x', 1), credit: 'bank:x' }] }, 400, 'invalid_input'],
  ['no user', 'balance', {}, 400, 'invalid_input'],
  ['too much', 'balance', { userId: 'x'.repeat(2 ** 20) }, 413, 'body_too_large'],
] as const)('%s is refused', async (_, method, body, status, code) => {
  expect(await call(method, body)).toMatchObject({ status, body: { error: { code } } })
  expect((await running.engines.ledger.balance('user:x')).postedCoins).toBe(0)
})

test('the audit tells a sound ledger from a broken one, and from none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-audit-'))
  const output: string[] = []
  const audit = (dir: string, ...args: string[]) =>
    auditLedger(args, { QUARRY_DATA: dir }, { write: (text) => output.push(text) })
  await expect(audit(folder)).rejects.toThrow('There is no quarry.db')
  expect(await audit(dataDir)).toBe(0)
  expect(output.at(-1)).toBe('The ledger is sound.\n')
  const database = new DatabaseSync(join(dataDir, 'quarry.db'))
  database.exec("UPDATE account SET posted = posted + 1 WHERE id = 'user:anna'")
  expect(await audit(dataDir)).toBe(1)
  expect(output.join('')).toMatch(/sum-is-zero.*\n.*rows-match-balance +user:anna/)
  database.exec("UPDATE account SET posted = posted - 1 WHERE id = 'user:anna'")
  database.close()
  expect(await audit(dataDir)).toBe(0)
  rmSync(folder, { recursive: true })
})

test('another process calls it through HttpCoinService, past an instance that is down', async () => {
  const coins = new HttpCoinService({ coins: ['http://127.0.0.1:1', running.url] }, SECRET)
  expect(await coins.apply([mint('bert', 5)])).toEqual([{ kind: 'posted', repeated: false }])
  expect(await coins.balance('bert')).toEqual({ availableCoins: 5, heldCoins: 0 })
  expect((await coins.journal('bert', { limit: 10 })).items).toMatchObject([{ amountCoins: 5, kind: 'mint' }])
  const stranger = new HttpCoinService({ coins: [running.url] }, 'wrong')
  await expect(stranger.balance('bert')).rejects.toMatchObject({ code: 'forbidden' })
  const nobody = new HttpCoinService({ coins: ['http://127.0.0.1:1'] }, SECRET)
  await expect(nobody.balance('bert')).rejects.toThrow(CodedError)
  await expect(nobody.balance('bert')).rejects.toMatchObject({ code: 'unavailable' })
})
