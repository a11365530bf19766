import { request } from '../../../http/request.ts'

/** Draws coins from the faucet, where the operator runs one. */
export function drawCoins(amountCoins: number): Promise<unknown> {
  return request('/api/v1/coins/faucet', { method: 'POST', json: { amountCoins } })
}
