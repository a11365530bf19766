import type { SettlementMessage } from '@quarry/contracts'
import { settlementOf, type RunResult } from '@quarry/domain'

/** The message that settles a stored run: the same whenever it is made. */
export function settlementMessageOf(run: RunResult): SettlementMessage {
  return { v: 1, transfer: settlementOf(run), traceparent: run.traceparent, ...deviceOf(run) }
}

/** Whose page was paid for, down to the device. */
function deviceOf({ outcome, miner }: RunResult): { readonly deviceId?: string } {
  return outcome.kind === 'page' && miner !== undefined ? { deviceId: miner.deviceId } : {}
}
