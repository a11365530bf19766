import type { ExtractField } from '@quarry/contracts'

/** What a field found in a page: values as texts, or why its selector cannot be read. */
export type Extracted =
  | { readonly kind: 'first'; readonly value: string | null }
  | { readonly kind: 'all'; readonly values: readonly string[] }
  | { readonly kind: 'unreadable' }

/** More is not shown, nor longer texts. */
const MAX_VALUES = 500
const MAX_VALUE_CHARS = 10_000

/**
 * Takes the fields' values from a page. The page is parsed into a document that is never shown, in which nothing runs and
 * nothing is loaded.
 */
export function extractValues(html: string, fields: readonly ExtractField[]): ReadonlyMap<string, Extracted> {
  const page = new DOMParser().parseFromString(html, 'text/html')
  return new Map(fields.map((field) => [field.name, extractOne(page, field)]))
}

/** As JSON shows it: a text or null for the first, a list for all; unreadable selectors are left out. */
export function extractedJson(
  extracted: ReadonlyMap<string, Extracted>,
): Record<string, string | null | readonly string[]> {
  const json: Record<string, string | null | readonly string[]> = {}
  for (const [name, found] of extracted) {
    if (found.kind === 'first') json[name] = found.value
    if (found.kind === 'all') json[name] = found.values
  }
  return json
}

function extractOne(page: Document, { selector, attribute, take }: ExtractField): Extracted {
  try {
    const valueOf = (element: Element) =>
      (attribute === undefined
        ? (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
        : (element.getAttribute(attribute) ?? '')
      ).slice(0, MAX_VALUE_CHARS)
    if (take === 'first') {
      const element = page.querySelector(selector)
      return { kind: 'first', value: element === null ? null : valueOf(element) }
    }
    const values = [...page.querySelectorAll(selector)].slice(0, MAX_VALUES).map(valueOf)
    return { kind: 'all', values }
  } catch {
    return { kind: 'unreadable' }
  }
}
