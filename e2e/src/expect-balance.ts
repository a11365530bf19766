import type { ApiClient } from '@quarry/testkit'
import { expect } from 'vitest'

const PATIENCE_MS = 30_000

/**
 * The user has so many coins, soon: an order's sums count a coin that has left its escrow, and with several partitions it
 * arrives in the user's account a moment later.
 */
export async function expectBalance(user: ApiClient, coins: number): Promise<void> {
  await expect.poll(() => user.balance(), { timeout: PATIENCE_MS }).toBe(coins)
}
