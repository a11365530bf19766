import type { TransferKind } from '@quarry/domain'
import { requestAnswer } from '../../../http/request.ts'

/** Saves the journal, of one kind or all, as a file. */
export async function exportJournal(format: 'csv' | 'jsonl', kind?: TransferKind): Promise<void> {
  const query = new URLSearchParams({ format, ...(kind !== undefined && { kind }) })
  const answer = await requestAnswer(`/api/v1/coins/journal/export?${query}`)
  const address = URL.createObjectURL(await answer.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = `quarry-journal.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
