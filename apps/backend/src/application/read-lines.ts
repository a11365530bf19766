import { CodedError, MAX_BULK_LINES, type BulkOrder } from '@quarry/contracts'

/** A line of a bulk order as it was written. */
export interface ImportLine {
  /** Counted from 1. */
  readonly line: number
  readonly url: string
  readonly name?: string
  readonly tags?: readonly string[]
}

/** The lines of a bulk order. Throws `invalid_input` for none, for too many, and unless it gives exactly one of both forms. */
export function linesOf({ lines, csv }: Pick<BulkOrder, 'lines' | 'csv'>): ImportLine[] {
  if ((lines === undefined) === (csv === undefined)) throw refused('lines or csv', 'are both given, or neither')
  const read = lines?.map((one, index) => ({ line: index + 1, ...given(one) })) ?? readCsv(csv ?? '')
  if (read.length === 0) throw refused(lines ? 'lines' : 'csv', 'has no line')
  if (read.length > MAX_BULK_LINES) throw refused(lines ? 'lines' : 'csv', `has ${read.length} lines`)
  return read
}

function given(line: {
  url: string
  name?: string | undefined
  tags?: string[] | undefined
}): Omit<ImportLine, 'line'> {
  const { url, name, tags } = line
  return { url, ...(name !== undefined && { name }), ...(tags !== undefined && { tags }) }
}

function refused(field: string, problem: string): CodedError {
  const allowed = `1 to ${MAX_BULK_LINES} lines, as lines or as csv`
  return new CodedError('invalid_input', `${field} ${problem}; allowed: ${allowed}`, {
    fields: [{ field, problem, allowed }],
  })
}

/** `url,name,tags` a line, by RFC 4180; tags part at semicolons. Empty lines and a heading are left out. */
export function readCsv(text: string): ImportLine[] {
  const rows = rowsOf(text.replace(/^\uFEFF/, ''))
  const [heading] = rows
  const body = heading?.cells[0]?.trim().toLowerCase() === 'url' ? rows.slice(1) : rows
  return body.map(({ line, cells: [url = '', name, tags] }) => {
    const words =
      tags
        ?.split(';')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '') ?? []
    return {
      ...{ line, url: url.trim() },
      ...(name !== undefined && name.trim() !== '' && { name: name.trim() }),
      ...(words.length > 0 && { tags: words }),
    }
  })
}

interface CsvRow {
  readonly line: number
  readonly cells: string[]
}

/** Rows that have anything in them. A quote that is never closed reaches to the end. */
function rowsOf(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let row: CsvRow = { line: 1, cells: [''] }
  let line = 1
  let quoted = false
  const put = (letter: string) => {
    row.cells.push(`${row.cells.pop() ?? ''}${letter}`)
  }
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (letter === '\n') line++
    if (quoted) {
      if (letter !== '"') put(letter)
      else if (text[at + 1] === '"') put(text[at++]!)
      else quoted = false
    } else if (letter === '"' && (row.cells.at(-1) ?? '').trim() === '') quoted = true
    else if (letter === ',') row.cells.push('')
    else if (letter === '\n') {
      rows.push(row)
      row = { line, cells: [''] }
    } else if (letter !== '\r') put(letter)
  }
  rows.push(row)
  return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}
