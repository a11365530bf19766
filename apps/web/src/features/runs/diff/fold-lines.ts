import type { DiffLine } from './diff-texts.ts'

/** What is drawn: a line, or so many unchanged ones folded into one. */
export type DiffRow =
  | { readonly kind: 'line'; readonly index: number; readonly line: DiffLine }
  | { readonly kind: 'fold'; readonly from: number; readonly count: number }

const CONTEXT = 3

/** Unchanged lines away from any change become folds, but for the folds that were opened (by their first line). */
export function foldLines(lines: readonly DiffLine[], opened: ReadonlySet<number>): readonly DiffRow[] {
  const near = new Uint8Array(lines.length)
  for (const [index, { kind }] of lines.entries()) {
    if (kind !== 'same') near.fill(1, Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1))
  }
  const rows: DiffRow[] = []
  for (let index = 0; index < lines.length;) {
    let end = index
    while (end < lines.length && near[end] === 0) end++
    if (end - index > 1 && !opened.has(index)) {
      rows.push({ kind: 'fold', from: index, count: end - index })
      index = end
      continue
    }
    for (const stop = Math.max(end, index + 1); index < stop; index++)
      rows.push({ kind: 'line', index, line: lines[index]! })
  }
  return rows
}

/** The first lines of each run of changed ones. */
export function changeStarts(lines: readonly DiffLine[]): readonly number[] {
  return lines.flatMap(({ kind }, index) =>
    kind !== 'same' && (index === 0 || lines[index - 1]!.kind === 'same') ? [index] : [],
  )
}
