import { type Clock, type Instant, type NotificationWishes, type UserId, type WebhookEventType } from '@quarry/domain'
import type { Mailer } from '@quarry/mail-port'
import type {
  ChannelProgress,
  Note,
  NotificationStore,
  OrderStore,
  UserStore,
  Versioned,
  WaitingMail,
} from '@quarry/storage-port'
import type { Round } from './channel-loop.ts'
import { writeMail, type MailedOrder } from './mail-words.ts'
import type { News } from './news.ts'
import type { ReadNews } from './read-news.ts'
import { untaken } from './take-notes.ts'
import type { WebhookSigning } from './webhook-signing.ts'

/** What happens together is mailed together. */
const GATHER_MS = 30_000
/** An order is mailed about once in so long. */
const HOUR_MS = 3_600_000
const MAIL_AGAIN_MS = 5 * 60_000
const ROUND_ENTRIES = 50
/** Orders that one mail lists; it names the number of the others. */
const LISTED_ORDERS = 50

/** The channel's name in the store. */
export const MAIL_CHANNEL = 'mail'
/** Stand among `mailedAt` and `mails` for what is about no order; no order's id has a colon. */
const BALANCE = ':balance'
const ENDPOINT = ':endpoint:'

export interface SendMailsDeps {
  readonly store: NotificationStore
  readonly news: ReadNews
  readonly orders: OrderStore
  readonly users: Pick<UserStore, 'userById'>
  readonly mailer: Mailer
  readonly signing: WebhookSigning
  readonly clock: Clock
  /** Where people open the site, without a slash at its end. */
  readonly siteUrl: () => string
  readonly onUnsent: (error: unknown) => void
}

/** Whether a customer is to get mails at all. */
export function wantsMail({ mail, endpoints }: NotificationWishes): boolean {
  return mail.changed || mail.failed || mail.lowBalance || endpoints.length > 0
}

/**
 * One round of a customer's mails: what is new is gathered and noted, then what has gathered long enough is sent, then
 * noted as sent. Dying after the sending sends the same again, with the same message id.
 */
export class SendMails {
  readonly #deps: SendMailsDeps

  constructor(deps: SendMailsDeps) {
    this.#deps = deps
  }

  async round(userId: UserId): Promise<Round> {
    const wishes = (await this.#deps.store.wishes(userId))?.value
    if (!wishes || !wantsMail(wishes)) return { kind: 'wait' }
    const gathered = await this.#gather(userId, wishes)
    if (!gathered) return { kind: 'wait' }
    const { progress, more } = gathered
    if (more) return { kind: 'again' }
    const now = this.#deps.clock.now()
    const due = progress.value.mails.filter((mail) => dueAt(mail, progress.value) <= now)
    if (due.length === 0) return waitFor(progress.value)
    if (!(await this.#send(userId, wishes, due))) return { kind: 'wait', until: now + MAIL_AGAIN_MS }
    const mailedAt = Object.fromEntries([
      ...Object.entries(progress.value.mailedAt).filter(([, at]) => at > now - HOUR_MS),
      ...due.map(({ orderId }) => [orderId, now] as const),
    ])
    const left = { ...progress.value, mails: progress.value.mails.filter((mail) => !due.includes(mail)), mailedAt }
    await this.#deps.store.saveProgress(userId, MAIL_CHANNEL, { expected: progress.version, progress: left })
    return waitFor(left)
  }

  /** Adds what is new to what waits; undefined when somebody else did. */
  async #gather(
    userId: UserId,
    wishes: NotificationWishes,
  ): Promise<{ progress: Versioned<ChannelProgress>; more: boolean } | undefined> {
    const { store, news } = this.#deps
    const { since, changed, failed } = wishes.mail
    const stored = await store.progress(userId, MAIL_CHANNEL)
    const before: ChannelProgress =
      stored?.value.startedAt === since
        ? stored.value
        : { startedAt: since, waiting: [], mails: [], mailedAt: {}, takenNotes: [] }
    const types: WebhookEventType[] = [
      ...(changed ? ['run.changed' as const] : []),
      ...(failed ? ['run.failed' as const] : []),
    ]
    const page = await news.ofInbox(
      userId,
      { since, limit: ROUND_ENTRIES, ...(before.cursor !== undefined && { after: before.cursor }) },
      { types, missesInARow: wishes.missesInARow },
    )
    const noted = untaken(before, await store.notes(userId))
    if (page.entries === 0 && noted.notes.length === 0 && stored?.value.startedAt === since)
      return { progress: stored, more: false }
    const now = this.#deps.clock.now()
    const mails = new Map(before.mails.map((mail) => [mail.orderId, mail]))
    for (const each of page.news) addNews(mails, each, now)
    for (const note of noted.notes) addNote(mails, { note, now, lowBalance: wishes.mail.lowBalance })
    const progress = {
      ...before,
      ...(page.cursor !== undefined && { cursor: page.cursor }),
      mails: [...mails.values()],
      takenNotes: noted.takenNotes,
    }
    const expected = stored?.version ?? 0
    const saved = await store.saveProgress(userId, MAIL_CHANNEL, { expected, progress })
    if (!saved.ok) return undefined
    return { progress: { version: expected + 1, value: progress }, more: page.entries === ROUND_ENTRIES }
  }

  /** False when the mail server is away. A mail that is refused for good is over as well. */
  async #send(userId: UserId, wishes: NotificationWishes, due: readonly WaitingMail[]): Promise<boolean> {
    const user = await this.#deps.users.userById(userId)
    if (!user) return true
    const orders = due.filter(({ orderId }) => !orderId.startsWith(':'))
    const low = due.find(({ orderId }) => orderId === BALANCE)
    const site = this.#deps.siteUrl()
    const token = this.#deps.signing.unsubscribeToken(userId)
    const unsubscribe = `${site}/api/v1/notifications/unsubscribe?token=${encodeURIComponent(token)}`
    const mail = writeMail(
      {
        orders: await this.#titled(orders.slice(0, LISTED_ORDERS)),
        moreOrders: Math.max(0, orders.length - LISTED_ORDERS),
        ...(low && { low: { availableCoins: low.rep, thresholdCoins: low.changes } }),
        disabled: due.flatMap(({ orderId }) => nameOfEndpoint(orderId, wishes)),
      },
      wishes.mail.language,
      { site, unsubscribe },
    )
    const messageId = `news-${userId}-${Math.min(...due.map(({ since }) => since))}`.slice(0, 100)
    return this.#deps.mailer.send({ to: user.email, ...mail, messageId, unsubscribeUrl: unsubscribe }).then(
      () => true,
      (error: unknown) => {
        this.#deps.onUnsent(error)
        return false
      },
    )
  }

  async #titled(mails: readonly WaitingMail[]): Promise<MailedOrder[]> {
    const titled: MailedOrder[] = []
    for (const mail of mails) {
      const order = (await this.#deps.orders.find(mail.orderId))?.order
      titled.push({ ...mail, title: order?.name || order?.url || mail.orderId })
    }
    return titled
  }
}

function addNews(mails: Map<string, WaitingMail>, news: News, now: Instant): void {
  const { orderId, rep } = news
  if (orderId === undefined || rep === undefined) return
  const before = mails.get(orderId) ?? { orderId, since: now, changes: 0, failing: false, rep }
  mails.set(orderId, {
    ...before,
    changes: before.changes + Number(news.type === 'run.changed'),
    failing: before.failing || news.type === 'run.failed',
    rep: Math.max(before.rep, rep),
  })
}

function addNote(mails: Map<string, WaitingMail>, of: { note: Note; now: Instant; lowBalance: boolean }): void {
  const { news } = of.note
  const entry = { since: of.now, failing: false }
  if (news.type === 'balance.low' && of.lowBalance) {
    mails.set(BALANCE, { ...entry, orderId: BALANCE, rep: news.availableCoins, changes: news.thresholdCoins })
  }
  if (news.type === 'endpoint.disabled') {
    const orderId = ENDPOINT + news.endpointId
    mails.set(orderId, { ...entry, orderId, rep: 0, changes: 0 })
  }
}

function nameOfEndpoint(orderId: string, { endpoints }: NotificationWishes): string[] {
  if (!orderId.startsWith(ENDPOINT)) return []
  const endpoint = endpoints.find(({ id }) => id === orderId.slice(ENDPOINT.length))
  return endpoint ? [endpoint.name || endpoint.url] : []
}

function dueAt({ orderId, since }: WaitingMail, { mailedAt }: ChannelProgress): Instant {
  return Math.max(since + GATHER_MS, (mailedAt[orderId] ?? -Infinity) + HOUR_MS)
}

function waitFor(progress: ChannelProgress): Round {
  const until = Math.min(...progress.mails.map((mail) => dueAt(mail, progress)))
  return until === Infinity ? { kind: 'wait' } : { kind: 'wait', until }
}
