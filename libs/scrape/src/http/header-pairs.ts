export type HeaderPair = readonly [name: string, value: string]

/** What a result may carry (`pageOutcomeSchema`); the rest is left out. */
const MAX_PAIRS = 200
const MAX_NAME = 256
const MAX_VALUE = 16_384

/** Undici's raw headers as pairs, in the order and the spelling in which they came. */
export function headerPairs(raw: unknown): readonly HeaderPair[] {
  if (!Array.isArray(raw)) return []
  const pairs: HeaderPair[] = []
  for (let index = 0; index + 1 < raw.length && pairs.length < MAX_PAIRS; index += 2) {
    const name = textOf(raw[index])
    if (name.length <= MAX_NAME) pairs.push([name, textOf(raw[index + 1]).slice(0, MAX_VALUE)])
  }
  return pairs
}

/** The values of a header, joined as one; undefined when it is missing. `name` is in lower case. */
export function headerOf(headers: readonly HeaderPair[], name: string): string | undefined {
  let value: string | undefined
  for (const pair of headers) {
    if (pair[0].length === name.length && pair[0].toLowerCase() === name) {
      value = value === undefined ? pair[1] : `${value}, ${pair[1]}`
    }
  }
  return value
}

function textOf(part: unknown): string {
  return Buffer.isBuffer(part) ? part.toString('latin1') : String(part)
}
