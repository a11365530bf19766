import { requestAnswer } from '../../../http/request.ts'

/** Saves a stored page as a file. The name is ours, never the page's. */
export async function downloadRunBody(orderId: string, rep: number): Promise<void> {
  const answer = await requestAnswer(`/api/v1/orders/${encodeURIComponent(orderId)}/runs/${rep}/body`)
  const address = URL.createObjectURL(new Blob([await answer.blob()], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `${orderId}-${rep}.bin`
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
