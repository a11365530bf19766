import { webhookPayloadSchema } from '@quarry/contracts'
import { WEBHOOK_FAILING_MS, WEBHOOK_PATIENCE_MS, webhookRetryDelaysMs, type WebhookEventType } from '@quarry/domain'
import { Blown, Fuse } from '@quarry/testkit'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { loopback, newPoster, openStage, startReceiver } from './notification-stage.ts'

const all: WebhookEventType[] = [
  'run.delivered',
  'run.changed',
  'run.failed',
  'order.finished',
  'order.paused',
  'balance.low',
]

async function open(answer?: Parameters<typeof startReceiver>[0], events: WebhookEventType[] = all) {
  const stage = openStage()
  const receiver = await startReceiver(answer)
  const { endpoint, secret } = await stage.wishes.create('customer', { url: receiver.url, name: 'mine', events })
  await stage.placeOrder()
  const round = () => stage.webhooks.round('customer', endpoint.id)
  const log = () => stage.wishes.deliveries('customer', endpoint.id)
  return { ...stage, receiver, received: receiver.received, endpoint, secret, round, log }
}

it('signs as the specification says: its own library verifies it, and refuses another secret or body', async () => {
  const { arrive, round, received, secret, log } = await open()
  await arrive(0, 'a')
  await round()
  const [{ headers, body, id }] = received as [(typeof received)[0]]
  const given = headers as Record<string, string>
  expect(new Webhook(secret).verify(body, given)).toEqual(JSON.parse(body))
  expect(webhookPayloadSchema.parse(JSON.parse(body))).toMatchObject({
    type: 'run.delivered',
    data: { orderName: 'Prices' },
  })
  expect(id).toBe('run-delivered_o1_0')
  expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, given)).toThrow()
  expect(() => new Webhook(secret).verify(`${body} `, given)).toThrow()
  expect(await log()).toMatchObject([{ eventId: id, state: 'delivered', attempts: 1, status: 204 }])
})

it('signs with both secrets while they overlap, then with the new one alone', async () => {
  const { arrive, round, received, secret, wishes, endpoint, clock } = await open()
  const rotated = await wishes.rotate('customer', endpoint.id, 1)
  expect(rotated.secret).not.toBe(secret)
  await arrive(0, 'a')
  await round()
  for (const each of [secret, rotated.secret])
    new Webhook(each).verify(received[0]!.body, received[0]!.headers as Record<string, string>)
  await clock.advance(3_600_000)
  await arrive(1, 'a')
  await round()
  expect(received[0]!.headers['webhook-signature']).toContain(' ')
  expect(received[1]!.headers['webhook-signature']).not.toContain(' ')
})

it('tells of changes, misses in a row and the end, each once', async () => {
  const { arrive, round, received, wishes } = await open()
  const mail = { changed: false, failed: false, lowBalance: false, language: 'en' as const }
  await wishes.saveSettings('customer', { mail, missesInARow: 2 })
  await arrive(0, 'a')
  await arrive(1)
  await arrive(2)
  await round()
  expect(received.map(({ id }) => id).sort()).toEqual(['order-finished_o1', 'run-delivered_o1_0', 'run-failed_o1_2'])
  await round()
  expect(received).toHaveLength(3)
})

it('tells of a change beside the delivery, and of nothing that was not asked for', async () => {
  const { arrive, round, received } = await open(undefined, ['run.changed'])
  await arrive(0, 'a')
  await arrive(1, 'a')
  await arrive(2, 'b')
  await round()
  expect(received.map(({ id }) => id)).toEqual(['run-changed_o1_2'])
})

it('begins with what happens after it was made', async () => {
  const stage = openStage()
  await stage.placeOrder()
  await stage.arrive(0, 'a')
  await stage.clock.advance(1000)
  const receiver = await startReceiver()
  const { endpoint } = await stage.wishes.create('customer', { url: receiver.url, name: '', events: all })
  await stage.arrive(1, 'a')
  await stage.webhooks.round('customer', endpoint.id)
  expect(receiver.received.map(({ id }) => id)).toEqual(['run-delivered_o1_1'])
})

it('comes back after each wait of the table with the same id, and gives up within a day', async () => {
  const { arrive, round, received, clock, log } = await open(() => ({ status: 500 }), ['run.delivered'])
  const begunAt = clock.now()
  await arrive(0, 'a')
  let next = await round()
  for (const delayMs of webhookRetryDelaysMs) {
    const waiting = received.length
    expect(next).toEqual({ kind: 'wait', until: clock.now() + delayMs })
    await clock.advance(delayMs - 1)
    await round()
    expect(received).toHaveLength(waiting)
    await clock.advance(1)
    next = await round()
    expect(received).toHaveLength(waiting + 1)
  }
  expect(next).toEqual({ kind: 'wait' })
  expect(clock.now() - begunAt).toBeLessThan(WEBHOOK_PATIENCE_MS)
  expect(new Set(received.map(({ id }) => id)).size).toBe(1)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(received.length)
  expect(await log()).toMatchObject([{ state: 'given-up', attempts: webhookRetryDelaysMs.length + 1, status: 500 }])
})

it('waits as long as Retry-After says', async () => {
  const { arrive, round, clock, log } = await open(
    () => ({ status: 429, headers: { 'retry-after': '600' } }),
    ['run.delivered'],
  )
  await arrive(0, 'a')
  expect(await round()).toEqual({ kind: 'wait', until: clock.now() + 600_000 })
  expect(await log()).toMatchObject([{ state: 'waiting', nextAt: clock.now() + 600_000 }])
})

it('switches an endpoint off that says it is gone, and on again from then on', async () => {
  let status = 410
  const { arrive, round, received, wishes, endpoint, clock } = await open(() => ({ status }), ['run.delivered'])
  await arrive(0, 'a')
  await round()
  expect((await wishes.show('customer')).endpoints[0]).toMatchObject({ disabled: { why: 'gone' }, waiting: 0 })
  await arrive(1, 'a')
  await round()
  expect(received).toHaveLength(1)
  await clock.advance(1000)
  status = 200
  await wishes.changeEndpoint('customer', endpoint.id, { enabled: true })
  await arrive(2, 'a')
  await round()
  expect(received.map(({ id }) => id)).toEqual(['run-delivered_o1_0', 'run-delivered_o1_2'])
})

it('switches an endpoint off after days in which nothing arrived, not after one bad hour', async () => {
  let status = 500
  const { arrive, round, wishes, clock } = await open(() => ({ status }), ['run.delivered'])
  const why = async () => (await wishes.show('customer')).endpoints[0]?.disabled?.why
  await arrive(0, 'a')
  await round()
  await clock.advance(WEBHOOK_FAILING_MS - 1000)
  status = 200
  await round()
  expect(await why()).toBeUndefined()
  status = 500
  for (const rep of [1, 2]) {
    await arrive(rep, 'a')
    await round()
    await clock.advance(WEBHOOK_FAILING_MS / 2)
  }
  expect(await why()).toBeUndefined()
  await round()
  expect(await why()).toBe('failing')
})

it('sends the same again, under the same ids, whenever it died before it was noted', async () => {
  const { arrive, received, round, store, endpoint, webhooksOn } = await open(undefined, ['run.delivered'])
  await arrive(0, 'a')
  await arrive(1, 'b')
  let deaths = 0
  for (let calls = 0; deaths === calls; calls++) {
    const fuse = new Fuse()
    fuse.arm(calls, { done: false, lasting: true })
    await webhooksOn(fuse.guard(store))
      .round('customer', endpoint.id)
      .catch((error: unknown) => {
        expect(error).toBeInstanceOf(Blown)
        deaths += 1
      })
  }
  expect(deaths).toBeGreaterThan(3)
  await round()
  expect(new Set(received.map(({ id }) => id))).toEqual(new Set(['run-delivered_o1_0', 'run-delivered_o1_1']))
  const bodies = Map.groupBy(received, ({ id }) => id)
  for (const sent of bodies.values()) expect(new Set(sent.map(({ body }) => body)).size).toBe(1)
  expect(received.length).toBeGreaterThan(2)
})

it('delivers each once with two instances, and goes on when the one that worked is gone', async () => {
  const { arrive, received, startWorker, until } = await open(undefined, ['run.delivered'])
  const first = startWorker()
  startWorker()
  for (let rep = 0; rep < 20; rep++) await arrive(rep, 'a')
  await until(() => received.length >= 20)
  await first.stop()
  for (let rep = 20; rep < 40; rep++) await arrive(rep, 'a')
  await until(() => received.length >= 40, 1000)
  expect(new Set(received.map(({ id }) => id)).size).toBe(40)
  expect(received).toHaveLength(40)
})

it('is slowed by no other endpoint', async () => {
  const { arrive, received, startWorker, until, wishes, webhooksOn, store } = await open(undefined, ['run.delivered'])
  const impatient = newPoster({ allow: loopback, totalMs: 1000 })
  onTestFinished(() => impatient.close())
  const slow = await startReceiver(() => ({ hangs: true }))
  await wishes.create('customer', { url: slow.url, name: 'slow', events: all })
  startWorker({ webhooks: webhooksOn(store, impatient) })
  for (let rep = 0; rep < 60; rep++) await arrive(rep, 'a')
  await until(() => received.length === 60)
  expect(slow.received.length).toBeLessThan(60)
})

it('stops reading on while too many wait, and forgets none of them', async () => {
  let status = 500
  const { arrive, received, round, clock, endpoint, store } = await open(() => ({ status }), ['run.delivered'])
  for (let rep = 0; rep < 80; rep++) await arrive(rep, 'a')
  for (let rounds = 0; rounds < 10; rounds++) await round()
  expect((await store.progress('customer', endpoint.id))!.value.waiting).toHaveLength(50)
  status = 200
  await clock.advance(60_000)
  for (let rounds = 0; rounds < 20; rounds++) await round()
  expect(new Set(received.map(({ id }) => id)).size).toBe(80)
  expect((await store.progress('customer', endpoint.id))!.value.waiting).toEqual([])
})

it('sends a test at once and says what came of it, and any line of the log again under its id', async () => {
  const { tries, received, endpoint, clock, log, secret, arrive, round } = await open()
  const tested = await tries.test('customer', endpoint.id)
  expect(tested).toMatchObject({ type: 'webhook.test', state: 'delivered', status: 204 })
  new Webhook(secret).verify(received[0]!.body, received[0]!.headers as Record<string, string>)
  await expect(tries.test('customer', endpoint.id)).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfterMs: 3000,
  })
  await arrive(0, 'a')
  await round()
  await clock.advance(3000)
  await tries.resend('customer', endpoint.id, 'run-delivered_o1_0')
  expect(received.map(({ id }) => id)).toEqual([tested.eventId, 'run-delivered_o1_0', 'run-delivered_o1_0'])
  expect(await log()).toHaveLength(2)
  await clock.advance(3000)
  await expect(tries.resend('customer', endpoint.id, 'run-delivered_o1_9')).rejects.toMatchObject({
    code: 'delivery_not_found',
  })
  await expect(tries.test('somebody', endpoint.id)).rejects.toMatchObject({ code: 'endpoint_not_found' })
})

it('takes ten endpoints, and no address that the guard refuses', async () => {
  const { wishes, received, endpoint } = await open()
  for (let made = 1; made < 10; made++)
    await wishes.create('customer', { url: 'https://a.example/', name: '', events: all })
  const one = (url: string) => wishes.create('customer', { url, name: '', events: all })
  await expect(one('https://a.example/')).rejects.toMatchObject({ code: 'too_many_endpoints' })
  for (const url of [
    'http://10.0.0.1/',
    'https://user:pw@a.example/',
    'file:///etc/passwd',
    'https://a.example:8443/',
  ]) {
    await expect(one(url)).rejects.toMatchObject({ code: 'webhook_address_forbidden' })
    await expect(wishes.changeEndpoint('customer', endpoint.id, { url })).rejects.toMatchObject({
      code: 'webhook_address_forbidden',
    })
  }
  expect(received).toEqual([])
})

it('tells of low coins once for each crossing', async () => {
  const { startWorker, ledger, until, received, wishes, live, clock } = await open(undefined, ['balance.low'])
  const mail = { changed: false, failed: false, lowBalance: false, language: 'en' as const }
  let ids = 0
  const move = async (amountCoins: number) => {
    const [from, to] = amountCoins > 0 ? (['mint:1', 'user:customer'] as const) : (['user:customer', 'mint:1'] as const)
    await ledger.apply([
      { id: `t${ids++}`, kind: 'mint', debit: from, credit: to, amountCoins: Math.abs(amountCoins), at: clock.now() },
    ])
    live.publish('user:customer', { kind: 'balance-changed' })
    await clock.advance(1000)
  }
  await move(200)
  await wishes.saveSettings('customer', { mail, missesInARow: 3, lowBalanceCoins: 100 })
  startWorker()
  await clock.advance(5000)
  await move(-150)
  await until(() => received.length === 1)
  await move(-10)
  await move(100)
  await move(-100)
  await until(() => received.length === 2)
  await clock.advance(120_000)
  expect(received.map(({ id, event }) => [id, event.data])).toEqual([
    ['balance-low_customer_1', { availableCoins: 50, thresholdCoins: 100 }],
    ['balance-low_customer_2', { availableCoins: 40, thresholdCoins: 100 }],
  ])
})
