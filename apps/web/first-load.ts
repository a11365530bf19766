import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'
import { pageWords, startWords } from './src/app/page-words.ts'

/** The pages that a visit begins with: `/` leads to one of them. */
const firstPages = ['login-page', 'register-page', 'orders-page'] as const
const languages = ['en', 'de'] as const

/**
 * Fails the build when a first page takes more than `mostBytes` of gzipped JavaScript before it can be shown: the start,
 * the page's own chunks and the words of the language that has more of them. What comes after the first paint (the live
 * connection, dialogs) does not count.
 */
export function firstLoad(mostBytes: number): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      for (const page of firstPages) {
        const sizes = languages.map((language) => bytesBefore(chunks, page, language))
        const most = Math.max(...sizes)
        if (most > mostBytes)
          this.error(`${page} takes ${most} bytes of gzipped JavaScript before it shows; ${mostBytes} are allowed`)
      }
    },
  }
}

function bytesBefore(
  chunks: readonly Rolldown.OutputChunk[],
  page: (typeof firstPages)[number],
  language: (typeof languages)[number],
): number {
  const words = [...startWords, ...pageWords[page]].map((section) => `/i18n/${language}/${section}.ts`)
  const needed = [...words, `/routes/${page}.tsx`].map((end) => {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(end)))
    if (chunk === undefined) throw new Error(`no chunk holds ${basename(end)}`)
    return chunk
  })
  const all = new Set<Rolldown.OutputChunk>()
  const add = (chunk: Rolldown.OutputChunk | undefined) => {
    if (chunk === undefined || all.has(chunk)) return
    all.add(chunk)
    for (const name of chunk.imports) add(chunks.find(({ fileName }) => fileName === name))
  }
  for (const chunk of [...chunks.filter(({ isEntry }) => isEntry), ...needed]) add(chunk)
  return [...all].reduce((sum, { code }) => sum + gzipSync(code).byteLength, 0)
}
