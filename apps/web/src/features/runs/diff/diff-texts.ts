import { createTwoFilesPatch, diffLines, diffWordsWithSpace } from 'diff'

/** How two texts are compared. `words` marks the words within lines that changed. */
export interface DiffWish {
  readonly before: string
  readonly after: string
  readonly mode: 'lines' | 'words'
  readonly ignoreWhitespace: boolean
}

export interface DiffPiece {
  readonly text: string
  readonly changed: boolean
}

/** Lines that belong together: in both texts, or only in one. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly pieces: readonly DiffPiece[]
}

/** `too-different`: comparing would take too long, whoever waits for it. */
export type DiffOutcome =
  | { readonly kind: 'diff'; readonly lines: readonly DiffLine[]; readonly added: number; readonly removed: number }
  | { readonly kind: 'too-different' }

const TIME_MS = 8000
/** Longer pairs of lines are not compared word by word. */
const MOST_WORD_CHARS = 20_000

/** Compares two texts by lines. Gives up after some seconds. */
export function diffTexts({ before, after, mode, ignoreWhitespace }: DiffWish): DiffOutcome {
  const options = { ignoreWhitespace, timeout: TIME_MS, stripTrailingCr: true }
  const changes = diffLines(before, after, options)
  if (changes === undefined) return { kind: 'too-different' }
  const lines: DiffLine[] = []
  let added = 0
  let removed = 0
  for (const [index, change] of changes.entries()) {
    const kind = change.added ? 'added' : change.removed ? 'removed' : 'same'
    if (kind === 'added') added += change.count
    if (kind === 'removed') removed += change.count
    const partner = kind === 'removed' ? changes[index + 1] : kind === 'added' ? changes[index - 1] : undefined
    const isPair = partner !== undefined && (kind === 'removed' ? partner.added : partner.removed)
    const pieces =
      mode === 'words' && isPair && change.value.length + partner.value.length < MOST_WORD_CHARS
        ? wordPieces(kind === 'removed' ? [change.value, partner.value] : [partner.value, change.value], kind)
        : [{ text: change.value, changed: false }]
    lines.push(...splitLines(pieces).map((parts) => ({ kind, pieces: parts }) as const))
  }
  return { kind: 'diff', lines, added, removed }
}

/** The change as a file that `patch` reads; undefined when comparing would take too long. */
export function patchOf(before: string, after: string, names: readonly [string, string]): string | undefined {
  return createTwoFilesPatch(names[0], names[1], before, after, '', '', { timeout: TIME_MS })
}

function wordPieces(pair: readonly [string, string], kind: 'removed' | 'added' | 'same'): DiffPiece[] {
  const words = diffWordsWithSpace(pair[0], pair[1], { timeout: 1000 })
  if (words === undefined) return [{ text: pair[kind === 'removed' ? 0 : 1], changed: false }]
  return words.flatMap(({ value, added, removed }) => {
    if (kind === 'removed' ? added : removed) return []
    return [{ text: value, changed: added || removed }]
  })
}

function splitLines(pieces: readonly DiffPiece[]): DiffPiece[][] {
  const lines: DiffPiece[][] = [[]]
  for (const { text, changed } of pieces) {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ text: part, changed })
    }
  }
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop()
  return lines
}
