import type { UserId } from '@quarry/domain'

/** One file of an export. Its content is read when its turn has come. */
export interface ExportedFile {
  readonly name: string
  readonly content: () => AsyncIterable<string | Uint8Array>
}

/**
 * One part of what is held about an account. Whatever keeps something of a user is one, so that both an export and a
 * deletion have it: add it to the list in `accounts.module.ts`.
 */
export interface AccountData {
  /** The part's files. `bodies`: whether large contents are wanted as well. */
  exported(userId: UserId, wish: { readonly bodies: boolean }): AsyncIterable<ExportedFile>
  /** Forgets the part for good. Repeating it is safe, also after a death in the middle. */
  erase(userId: UserId): Promise<void>
}

/** A whole value as one file of JSON. */
export function jsonFile(name: string, value: () => Promise<unknown>): ExportedFile {
  return {
    name,
    async *content() {
      yield `${JSON.stringify(await value(), null, 2)}\n`
    },
  }
}

/** Values as one file of JSON lines. */
export function jsonLinesFile(name: string, values: () => AsyncIterable<unknown>): ExportedFile {
  return {
    name,
    async *content() {
      for await (const value of values()) yield `${JSON.stringify(value)}\n`
    },
  }
}

/** Every item of a list that is read page by page. */
export async function* everyPage<T>(
  read: (page: { after?: string; limit: number }) => Promise<{ readonly items: readonly T[]; readonly next?: string }>,
  limit = 200,
): AsyncGenerator<T> {
  for (let after: string | undefined; ;) {
    const page = await read({ limit, ...(after !== undefined && { after }) })
    yield* page.items
    if (page.next === undefined) return
    after = page.next
  }
}
