import { z } from 'zod'

/** Why a device that could work does not: by the server's own knowledge, or by the device's word. */
export type IdleReason = 'no-jobs' | 'politeness' | 'paused' | 'hours' | 'backlog' | 'finishing'

/** One of the user's devices, in `GET /api/v1/miners`. */
export interface DeviceView {
  readonly deviceId: string
  readonly name: string
  readonly version: string
  readonly state: 'mining' | 'idle' | 'away'
  /** Of an idle one. */
  readonly idle?: IdleReason
  readonly connectedAt: number
  readonly seenAt: number
  /** Since the device came; an absence below ten minutes does not end that. */
  readonly pages: number
  /** Of pages that were taken: not paid yet, and paid. */
  readonly pendingCoins: number
  readonly paidCoins: number
}

export interface EarnedView {
  readonly pages: number
  readonly coins: number
}

/** `GET /api/v1/miners`; `DELETE /api/v1/miners/:deviceId` takes a device that is away off the list (204). */
export interface MinersView {
  readonly devices: readonly DeviceView[]
  /** Today and the last seven days with it; days begin at midnight, universal time. */
  readonly today: EarnedView
  readonly week: EarnedView
}

/** `GET /api/v1/market`: what anybody may know of all; counts only. */
export interface MarketView {
  readonly pagesPerMinute: number
  readonly minersOnline: number
  readonly paidTodayCoins: number
}

export interface LeaderView {
  /** Equal coins share a rank. */
  readonly rank: number
  readonly nickname: string
  readonly coins: number
  readonly isYou: boolean
}

/** `GET /api/v1/leaderboard`: of those who joined, who was paid most since Monday, universal time. */
export interface LeaderboardView {
  readonly weekStartsAt: number
  readonly leaders: readonly LeaderView[]
  /** Yourself, also when you are not among the first; absent while you have not joined. */
  readonly you?: Omit<LeaderView, 'isYou'>
}

/** `PUT /api/v1/leaderboard/nickname` joins or renames, `DELETE` leaves; both 204. */
export const joinLeaderboardSchema = z.strictObject({ nickname: z.string().max(100) })
