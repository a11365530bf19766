import { requestAnswer } from '../../../http/request.ts'
import { saveFile } from '../../../ui/save-file.ts'

/** Saves a stored page as a file. The name is ours, never the page's. */
export async function downloadRunBody(orderId: string, rep: number): Promise<void> {
  const answer = await requestAnswer(`/api/v1/orders/${encodeURIComponent(orderId)}/runs/${rep}/body`)
  saveFile(await answer.blob(), `${orderId}-${rep}.bin`)
}
