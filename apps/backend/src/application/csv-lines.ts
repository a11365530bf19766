import type { RunResult } from '@quarry/domain'

type Cell = string | number | undefined

const columns: readonly (readonly [string, (run: RunResult) => Cell])[] = [
  ['rep', ({ rep }) => rep],
  ['due_at', ({ dueAt }) => new Date(dueAt).toISOString()],
  ['started_at', ({ startedAt }) => new Date(startedAt).toISOString()],
  ['finished_at', ({ finishedAt }) => new Date(finishedAt).toISOString()],
  ['attempts', ({ attempt }) => attempt],
  ['outcome', ({ outcome }) => outcome.kind],
  ['status', ({ outcome }) => outcome.status],
  ['fault', ({ outcome }) => (outcome.kind === 'failure' ? outcome.fault : undefined)],
  ['reason', ({ outcome }) => (outcome.kind === 'failure' ? outcome.reason : undefined)],
  ['detail', ({ outcome }) => (outcome.kind === 'failure' ? outcome.detail : undefined)],
  ['url', ({ url }) => url],
  ['final_url', ({ outcome }) => (outcome.kind === 'page' ? outcome.finalUrl : undefined)],
  ['first_byte_ms', ({ outcome }) => (outcome.kind === 'page' ? outcome.timings.firstByteMs : undefined)],
  ['total_ms', ({ outcome }) => (outcome.kind === 'page' ? outcome.timings.totalMs : undefined)],
  ['size_bytes', ({ outcome }) => (outcome.kind === 'page' ? outcome.content.sizeBytes : undefined)],
  ['sha256', ({ outcome }) => (outcome.kind === 'page' ? outcome.content.sha256 : undefined)],
  ['coins', ({ outcome, priceCoins }) => (outcome.kind === 'page' ? priceCoins : 0)],
]

/** The names of the columns, as RFC 4180 wants a line. */
export function csvHeader(): string {
  return lineOf(columns.map(([name]) => name))
}

/** One run as a line. */
export function csvLine(run: RunResult): string {
  return lineOf(columns.map(([, valueOf]) => valueOf(run)))
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it, so that it stays a text. */
function cellOf(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const text = /^[\s]*[=+\-@\t\r\n|%]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
