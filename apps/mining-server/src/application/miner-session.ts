import type { Assignment } from '@quarry/contracts'
import type { DeviceId, UserId } from '@quarry/domain'

/** One connected miner as the dispatcher sees it. */
export interface MinerSession {
  readonly userId: UserId
  readonly deviceId: DeviceId
  /** Jobs it takes at once; 0 while it is paused. */
  capacity: number
  /** Jobs it has and has not answered yet. */
  outstanding: number
  pages: number
  coins: number
  /** Sends without waiting; assignments to a miner that is gone come back by their lease. */
  assign(assignments: readonly Assignment[]): void
}

export function freeCapacity(session: MinerSession): number {
  return Math.max(0, session.capacity - session.outstanding)
}
