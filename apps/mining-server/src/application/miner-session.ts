import type { Assignment } from '@quarry/contracts'
import type { DeviceId, UserId } from '@quarry/domain'

/** Results that may wait for their verdict in any case, however little the miner takes at once. */
const LEAST_JUDGING = 64

/** One connected miner as the dispatcher sees it. */
export interface MinerSession {
  readonly userId: UserId
  readonly deviceId: DeviceId
  /** Jobs it takes at once; 0 while it is paused. */
  capacity: number
  /** Jobs it has and has not answered yet. */
  outstanding: number
  /** Results it has handed in that have no verdict yet. */
  judging: number
  /** False once its connection ended: whatever is still under way for it must give it no more work. */
  connected: boolean
  pages: number
  coins: number
  /** Sends without waiting; assignments to a miner that is gone come back by their lease. */
  assign(assignments: readonly Assignment[]): void
  /** Ends its connection. */
  end(): void
}

/**
 * How many more jobs the miner may get. None while many of its results wait to be stored: its slots are free as soon as
 * it hands results in, and a full disk must not fill the memory with them.
 */
export function freeCapacity(session: MinerSession): number {
  const { capacity, outstanding, connected } = session
  return connected && mayTakeMore(session) ? Math.max(0, capacity - outstanding) : 0
}

/** Whether few enough of its results wait to be stored. */
export function mayTakeMore({ judging, capacity }: MinerSession): boolean {
  return judging <= Math.max(LEAST_JUDGING, 2 * capacity)
}
