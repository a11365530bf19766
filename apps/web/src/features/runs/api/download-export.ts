import type { ExportFormat } from '@quarry/contracts'
import { requestAnswer } from '../../../http/request.ts'
import { saveFile } from '../../../ui/save-file.ts'

/** Saves all runs of an order as one file; aborting ends the server's work too. */
export async function downloadExport(orderId: string, format: ExportFormat, signal: AbortSignal): Promise<void> {
  const answer = await requestAnswer(`/api/v1/orders/${encodeURIComponent(orderId)}/export/${format}`, { signal })
  saveFile(await answer.blob(), `${orderId}.${format}`)
}
