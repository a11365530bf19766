import { ALLOW_NOTHING, parseAllowList, type RunResult, type UserId } from '@quarry/domain'
import { createPoster, type PosterOptions } from '@quarry/scrape'
import { FakeClock, anOrder, aRun, openTestEngines } from '@quarry/testkit'
import type { NotificationStore } from '@quarry/storage-port'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { DeliverWebhooks } from '../src/application/notifications/deliver-webhooks.ts'
import { DisableEndpoint } from '../src/application/notifications/disable-endpoint.ts'
import { KeepWishes } from '../src/application/notifications/keep-wishes.ts'
import { NotifyCustomers, type NotifyCustomersDeps } from '../src/application/notifications/notify-customers.ts'
import { ReadNews } from '../src/application/notifications/read-news.ts'
import { TryEndpoint } from '../src/application/notifications/try-endpoint.ts'
import { WatchBalance } from '../src/application/notifications/watch-balance.ts'
import { WebhookSigning } from '../src/application/notifications/webhook-signing.ts'

const allowed = parseAllowList('127.0.0.0/8')
export const loopback = allowed.ok ? allowed.value : ALLOW_NOTHING

export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }
}

/** A customer's receiver: a real HTTP server on this machine, which answers what it is told to. */
export async function startReceiver(
  answer: () => { status?: number; headers?: Record<string, string>; hangs?: boolean } = () => ({}),
) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')))
    request.on('end', () => {
      const id = String(request.headers['webhook-id'])
      received.push({ id, headers: request.headers, body, event: JSON.parse(body) as Received['event'] })
      const { status = 204, headers = {}, hangs } = answer()
      if (!hangs) response.writeHead(status, headers).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

/** Notifications of a whole backend but for its HTTP, on SQLite, with a clock that stands still. */
export function openStage() {
  const engines = openTestEngines(new FakeClock(Date.now()))
  const { clock, live, notifications: store, users, orders, schedule, results } = engines
  const poster = newPoster({ allow: loopback })
  const signing = new WebhookSigning('k'.repeat(40))
  const news = new ReadNews({ results, orders, schedule })
  const disable = new DisableEndpoint({ store, live, clock })
  let ids = 0
  const wishes = new KeepWishes({
    ...{ store, users, signing, live, clock },
    check: (url) => poster.check(url),
    newId: () => `endpoint${ids++}`,
    mailDelivers: false,
  })
  const webhooksOn = (on: NotificationStore, sender: Pick<typeof poster, 'post'> = poster) =>
    new DeliverWebhooks({
      ...{ store: on, news, poster: sender, signing, disable, live, clock },
      random: { next: () => 1 },
    })
  onTestFinished(async () => {
    await poster.close()
    await engines.close()
  })

  return {
    ...engines,
    ...{ store, poster, signing, news, wishes, webhooksOn },
    webhooks: webhooksOn(store),
    tries: new TryEndpoint({ store, poster, signing, live, clock }),

    /** A backend's worker; it ends with the test. */
    startWorker(more: Partial<NotifyCustomersDeps> = {}) {
      const balance = async (userId: UserId) => {
        const { postedCoins } = await engines.ledger.balance(`user:${userId}`)
        return { availableCoins: postedCoins, heldCoins: 0 }
      }
      const worker = new NotifyCustomers({
        ...{ store, live, clock, leases: engines.leases },
        holder: `worker ${Math.random()}`,
        webhooks: webhooksOn(store),
        balances: new WatchBalance({ store, coins: { balance }, clock }),
        onError: (error) => {
          throw error
        },
        ...more,
      })
      worker.start()
      onTestFinished(() => worker.stop())
      return worker
    },

    async placeOrder(id = 'o1', fields: Parameters<typeof anOrder>[0] = {}) {
      await orders.create(anOrder({ id, name: 'Prices', ...fields }))
      await orders.settlePlacement(id, 'placed')
    },

    /** A page, or with no `body` a miss, arrives in the customer's inbox. */
    async arrive(rep: number, body?: string, fields: Partial<RunResult> = {}) {
      const { orderId = 'o1' } = fields
      const page = aRun({ orderId, rep, jobId: `${orderId}:${rep}`, ...(body !== undefined && { body }), ...fields })
      const failure = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'late' } as const
      const run = body === undefined ? { ...page, outcome: failure } : page
      await results.store([{ run, ...(body !== undefined && { body: Buffer.from(body) }) }], clock.now())
      live.publish('user:customer', { kind: 'run-stored', orderId, rep })
    },

    /** Moves the clock in small steps, with real time between them for sockets, until it is so. */
    async until(isSo: () => boolean | Promise<boolean>, stepMs = 100) {
      for (let tries = 0; !(await isSo()); tries++) {
        if (tries > 1000) throw new Error('it never became so')
        await clock.advance(stepMs)
        await sleep(2)
      }
    },
  }
}

export function newPoster(options: Pick<PosterOptions, 'allow'> & Partial<PosterOptions>) {
  return createPoster({ http: true, userAgent: 'Quarry test', now: () => Date.now(), ...options })
}
