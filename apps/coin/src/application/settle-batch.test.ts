import { escrowOf, mintAccount, settlementOf, userAccount, type Transfer } from '@quarry/domain'
import { anOrder, aRun, openTestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SettleBatch } from './settle-batch.ts'

let engines: ReturnType<typeof openTestEngines>
let told: string[]
let counted: string[]

beforeEach(async () => {
  engines = openTestEngines()
  told = []
  counted = []
  for (const user of ['customer', 'miner'] as const) engines.live.subscribe(`user:${user}`, () => told.push(user))
  const mint = {
    id: 'mint',
    kind: 'mint',
    debit: mintAccount('customer'),
    credit: userAccount('customer'),
    amountCoins: 10,
    at: 0,
  } as const
  await engines.ledger.apply([mint, escrowOf(anOrder())])
})

afterEach(() => engines.close())

function settle(...transfers: Transfer[]) {
  const traceparent = aRun().traceparent
  return new SettleBatch({ ...engines, earnings: { note: (message) => counted.push(message.transfer.id) } }).run(
    transfers.map((transfer) => ({ v: 1, transfer, traceparent })),
  )
}

const coinsOf = async (user: string) => (await engines.ledger.balance(userAccount(user))).postedCoins

test('a page pays its miner, a failure the customer; both are told', async () => {
  const failure = { kind: 'failure', reason: 'missed', fault: 'platform', detail: '' } as const
  expect(await settle(settlementOf(aRun()), settlementOf(aRun({ rep: 1, outcome: failure })))).toEqual([])
  expect([await coinsOf('miner'), await coinsOf('customer')]).toEqual([1, 8])
  expect(told.sort()).toEqual(['customer', 'miner'])
})

test('a batch delivered again changes nothing, wholly or in part', async () => {
  const [one, two] = [settlementOf(aRun()), settlementOf(aRun({ rep: 1 }))]
  await settle(one)
  expect(await settle(one, two, two)).toEqual([])
  expect(await settle(one, two)).toEqual([])
  expect(counted).toEqual([one.id, two.id])
  expect(await coinsOf('miner')).toBe(2)
  expect(await engines.ledger.audit()).toEqual([])
})

test('of one jobId the first settlement counts; another payee is refused, the rest of the batch is not', async () => {
  await settle(settlementOf(aRun()))
  const thief = settlementOf(aRun({ miner: { userId: 'thief', deviceId: 'd' } }))
  const refused = await settle(thief, settlementOf(aRun({ rep: 1 })))
  expect(refused).toMatchObject([{ transfer: { credit: 'user:thief' }, outcome: { kind: 'mismatch' } }])
  expect([await coinsOf('thief'), await coinsOf('miner')]).toEqual([0, 2])
})

test('what escrow does not hold is refused and reported, and stays refused', async () => {
  const tooMuch = settlementOf(aRun({ priceCoins: 99 }))
  expect(await settle(tooMuch)).toMatchObject([{ outcome: { kind: 'insufficient', availableCoins: 3 } }])
  expect(await settle(tooMuch)).toMatchObject([{ outcome: { kind: 'insufficient' } }])
  expect(told).toEqual([])
  expect(await engines.ledger.audit()).toEqual([])
})
