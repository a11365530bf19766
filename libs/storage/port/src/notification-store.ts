import type { Instant, NotificationWishes, Result, UserId, WebhookEventType } from '@quarry/domain'

/** A value with its number of writes; the next write names it. */
export interface Versioned<T> {
  readonly version: number
  readonly value: T
}

/** Somebody else wrote since the version that was named; read again. */
export interface VersionConflict {
  readonly kind: 'version-conflict'
}

/** An event on its way to one endpoint, tried at least once without success. */
export interface WaitingDelivery {
  readonly eventId: string
  readonly type: WebhookEventType
  readonly at: Instant
  readonly payload: string
  readonly attempts: number
  readonly firstTriedAt: Instant
  readonly nextAt: Instant
}

/** What gathers for a mail about one order. */
export interface WaitingMail {
  readonly orderId: string
  readonly since: Instant
  readonly changes: number
  readonly failing: boolean
  /** The newest run it is about. */
  readonly rep: number
}

/** How far one channel of a customer has come: an endpoint by its id, or `mail`. Written by whoever holds its part. */
export interface ChannelProgress {
  /** The `enabledAt` or `since` it belongs to; with another, it begins anew. */
  readonly startedAt: Instant
  /** The last inbox entry that is behind it. */
  readonly cursor?: string
  /** At most as many as are sent side by side and wait: then the inbox waits. */
  readonly waiting: readonly WaitingDelivery[]
  readonly mails: readonly WaitingMail[]
  /** When each order was last mailed about, within the last hour. */
  readonly mailedAt: Readonly<Record<string, Instant>>
  /** Notes already taken, the newest ones. */
  readonly takenNotes: readonly string[]
  /** Since when nothing has arrived. */
  readonly failingSince?: Instant
}

/** Whether a customer's balance was told to be low, and how often it has been. */
export interface BalanceWatch {
  readonly low: boolean
  readonly crossings: number
}

/** News that no run tells; kept until every channel of its customer has taken it. */
export interface Note {
  readonly noteId: string
  readonly at: Instant
  readonly news:
    | { readonly type: 'order.paused'; readonly orderId: string; readonly reason?: string }
    | { readonly type: 'balance.low'; readonly availableCoins: number; readonly thresholdCoins: number }
    | { readonly type: 'endpoint.disabled'; readonly endpointId: string }
}

/** A line of an endpoint's log. The same event again replaces its line. */
export interface DeliveryRow {
  readonly eventId: string
  readonly type: WebhookEventType | 'webhook.test'
  /** When what it tells happened. */
  readonly at: Instant
  readonly payload: string
  readonly state: 'delivered' | 'waiting' | 'given-up'
  readonly attempts: number
  readonly triedAt: Instant
  readonly durationMs: number
  readonly status?: number
  /** Why no answer came, in words without addresses. */
  readonly error?: string
  readonly nextAt?: Instant
}

/**
 * What customers want to be told and how far telling has come. Versioned values are linearizable: of many writers that
 * name the same version one wins. Reads see every confirmed write. Throws `Unavailable` (nothing done) and
 * `UnknownOutcome` (read, then decide); repeating `record`, `addNote`, `removeNotes` and `forget` is safe.
 */
export interface NotificationStore {
  wishes(userId: UserId): Promise<Versioned<NotificationWishes> | undefined>
  /** Replaces the wishes of version `expected`; 0 when there were none. The new version is one more. */
  saveWishes(userId: UserId, expected: number, wishes: NotificationWishes): Promise<Result<void, VersionConflict>>
  /** Who has wishes, among the users of one part (`notificationPartOf`); may name some that have none. */
  usersOfPart(part: number): Promise<readonly UserId[]>
  progress(userId: UserId, channel: string): Promise<Versioned<ChannelProgress> | undefined>
  saveProgress(
    userId: UserId,
    channel: string,
    next: { expected: number; progress: ChannelProgress },
  ): Promise<Result<void, VersionConflict>>
  balanceWatch(userId: UserId): Promise<Versioned<BalanceWatch> | undefined>
  saveBalanceWatch(userId: UserId, expected: number, watch: BalanceWatch): Promise<Result<void, VersionConflict>>
  /** Writes lines of a log; only the newest `LOG_ROWS` by `at` are kept for sure. */
  record(userId: UserId, channel: string, rows: readonly DeliveryRow[]): Promise<void>
  /** The newest lines, newest first, at most `LOG_ROWS`. */
  deliveries(userId: UserId, channel: string): Promise<readonly DeliveryRow[]>
  /** Of a `noteId` that is there: changes nothing. */
  addNote(userId: UserId, note: Note): Promise<void>
  /** The oldest notes, by `at`, at most 100. */
  notes(userId: UserId): Promise<readonly Note[]>
  removeNotes(userId: UserId, notes: readonly Pick<Note, 'noteId' | 'at'>[]): Promise<void>
  /** Takes away all that is kept of a user. */
  forget(userId: UserId): Promise<void>
}
