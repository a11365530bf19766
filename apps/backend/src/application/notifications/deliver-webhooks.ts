import {
  judgeDelivery,
  WEBHOOK_FAILING_MS,
  type Clock,
  type Instant,
  type Random,
  type UserId,
  type WebhookEndpoint,
} from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { ChannelProgress, DeliveryRow, NotificationStore, WaitingDelivery } from '@quarry/storage-port'
import type { Round } from './channel-loop.ts'
import type { DisableEndpoint } from './disable-endpoint.ts'
import type { News } from './news.ts'
import type { ReadNews } from './read-news.ts'
import { untaken } from './take-notes.ts'
import type { WebhookSigning } from './webhook-signing.ts'

/** Sends to a customer's address; never rejects. */
export interface PostWebhook {
  post(request: {
    url: string
    headers: Readonly<Record<string, string>>
    body: string
  }): Promise<{ durationMs: number; status?: number; retryAfterMs?: number; error?: string }>
}

/** Deliveries of one endpoint that wait to be tried again; at so many the inbox waits with what is new. */
const MOST_WAITING = 50
/** What one round sends, so that little is repeated when it dies; so many at a time. */
const ROUND_SENDS = 16
const SIDE_BY_SIDE = 4

export interface DeliverWebhooksDeps {
  readonly store: NotificationStore
  readonly news: ReadNews
  readonly poster: PostWebhook
  readonly signing: WebhookSigning
  readonly disable: DisableEndpoint
  readonly live: LiveEvents
  readonly clock: Clock
  readonly random: Random
}

type Tried = { readonly row: DeliveryRow; readonly waiting?: WaitingDelivery; readonly isGone: boolean }

/**
 * One round of one endpoint: what is due again and what is new is sent, then noted. Dying in between sends the same
 * again, under the same ids.
 */
export class DeliverWebhooks {
  readonly #deps: DeliverWebhooksDeps

  constructor(deps: DeliverWebhooksDeps) {
    this.#deps = deps
  }

  async round(userId: UserId, endpointId: string): Promise<Round> {
    const { store, clock } = this.#deps
    const wishes = (await store.wishes(userId))?.value
    const endpoint = wishes?.endpoints.find(({ id }) => id === endpointId)
    if (!wishes || !endpoint || endpoint.disabled) return { kind: 'wait' }
    const stored = await store.progress(userId, endpointId)
    const progress = stored?.value.startedAt === endpoint.enabledAt ? stored.value : begun(endpoint.enabledAt)
    const due = progress.waiting.filter(({ nextAt }) => nextAt <= clock.now()).slice(0, ROUND_SENDS)
    const limit = Math.min(MOST_WAITING - progress.waiting.length, ROUND_SENDS - due.length)
    const { events, missesInARow } = { events: endpoint.events, missesInARow: wishes.missesInARow }
    const page =
      limit > 0
        ? await this.#deps.news.ofInbox(
            userId,
            { since: endpoint.enabledAt, limit, ...(progress.cursor !== undefined && { after: progress.cursor }) },
            { types: events, missesInARow },
          )
        : { news: [], entries: 0 }
    const noted = untaken(progress, await store.notes(userId))
    const fromNotes = await Promise.all(noted.notes.map((note) => this.#deps.news.ofNote(note)))
    const wanted = fromNotes.filter((each) => each !== undefined).filter(({ type }) => events.includes(type))
    const tried = await this.#sendAll(userId, endpoint, [...due, ...[...page.news, ...wanted].map(firstTry)])
    if (tried.length === 0 && page.entries === 0 && noted.notes.length === 0) return waitFor(progress.waiting)
    const waiting = [
      ...progress.waiting.filter((each) => !due.includes(each)),
      ...tried.flatMap((each) => each.waiting ?? []),
    ]
    const cursor = page.cursor ?? progress.cursor
    const failingSince = failingFrom(progress.failingSince, tried)
    await store.record(
      userId,
      endpointId,
      tried.map(({ row }) => row),
    )
    const saved = await store.saveProgress(userId, endpointId, {
      expected: stored?.version ?? 0,
      progress: {
        ...begun(endpoint.enabledAt),
        ...(cursor !== undefined && { cursor }),
        waiting,
        takenNotes: noted.takenNotes,
        ...(failingSince !== undefined && { failingSince }),
      },
    })
    if (tried.length > 0) this.#deps.live.publish(`user:${userId}`, { kind: 'notifications-changed' })
    // Somebody else works on this endpoint and knows more.
    if (!saved.ok) return { kind: 'wait' }
    if (tried.some(({ isGone }) => isGone)) await this.#deps.disable.run(userId, endpoint, 'gone')
    else if (failingSince !== undefined && clock.now() - failingSince >= WEBHOOK_FAILING_MS)
      await this.#deps.disable.run(userId, endpoint, 'failing')
    return limit > 0 && page.entries === limit ? { kind: 'again' } : waitFor(waiting)
  }

  /** In order, a few at a time. */
  async #sendAll(userId: UserId, endpoint: WebhookEndpoint, sends: readonly WaitingDelivery[]): Promise<Tried[]> {
    const tried: Tried[] = []
    for (let from = 0; from < sends.length; from += SIDE_BY_SIDE) {
      const some = sends.slice(from, from + SIDE_BY_SIDE)
      tried.push(...(await Promise.all(some.map((each) => this.#send(userId, endpoint, each)))))
      if (tried.some(({ isGone }) => isGone)) break
    }
    return tried
  }

  async #send(userId: UserId, endpoint: WebhookEndpoint, sent: WaitingDelivery): Promise<Tried> {
    const { poster, signing, clock, random } = this.#deps
    const triedAt = clock.now()
    const headers = signing.headersOf(sent, { userId, endpoint }, triedAt)
    const answer = await poster.post({ url: endpoint.url, headers, body: sent.payload })
    const attempts = sent.attempts + 1
    const firstTriedAt = sent.attempts === 0 ? triedAt : sent.firstTriedAt
    const verdict = judgeDelivery({ answer, attempts, firstTriedAt, now: clock.now() }, random)
    const { eventId, type, at, payload } = sent
    const row = {
      ...{ eventId, type, at, payload, attempts, triedAt, durationMs: answer.durationMs },
      state: stateOf[verdict.kind],
      ...(answer.status !== undefined && { status: answer.status }),
      ...(answer.error !== undefined && { error: answer.error }),
      ...(verdict.kind === 'retry' && { nextAt: verdict.nextAt }),
    }
    return {
      row,
      isGone: verdict.kind === 'gone',
      ...(verdict.kind === 'retry' && { waiting: { ...sent, attempts, firstTriedAt, nextAt: verdict.nextAt } }),
    }
  }
}

const stateOf = { delivered: 'delivered', retry: 'waiting', gone: 'given-up', 'given-up': 'given-up' } as const

function begun(startedAt: Instant): ChannelProgress {
  return { startedAt, waiting: [], mails: [], mailedAt: {}, takenNotes: [] }
}

function firstTry({ eventId, type, at, payload }: News): WaitingDelivery {
  return { eventId, type, at, payload, attempts: 0, firstTriedAt: 0, nextAt: 0 }
}

function failingFrom(before: Instant | undefined, tried: readonly Tried[]): Instant | undefined {
  if (tried.some(({ row }) => row.state === 'delivered')) return undefined
  return before ?? tried[0]?.row.triedAt
}

function waitFor(waiting: readonly WaitingDelivery[]): Round {
  const until = Math.min(...waiting.map(({ nextAt }) => nextAt))
  return until === Infinity ? { kind: 'wait' } : { kind: 'wait', until }
}
