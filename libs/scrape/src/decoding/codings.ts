import type { FailureOutcome, Result } from '@quarry/domain'
import { err, ok } from '@quarry/domain'
import type { Transform } from 'node:stream'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import { failureOf } from '../failures.ts'

/** What we say we understand. */
export const ACCEPT_ENCODING = 'br, gzip, deflate, zstd'

const MAX_LAYERS = 2

interface SyncOptions {
  readonly maxOutputLength: number
  readonly chunkSize: number
}

/** One layer of transfer encoding. `head` is the first byte or two, as `deflate` comes with and without a wrapper. */
export interface Coding {
  readonly decodeSync: (bytes: Uint8Array, options: SyncOptions) => Uint8Array
  readonly createStream: (head: Uint8Array) => Transform
}

const gzip: Coding = { decodeSync: gunzipSync, createStream: () => createGunzip() }
const CODINGS: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  br: { decodeSync: brotliDecompressSync, createStream: () => createBrotliDecompress() },
  zstd: { decodeSync: zstdDecompressSync, createStream: () => createZstdDecompress() },
  deflate: {
    decodeSync: (bytes, options) =>
      isZlibWrapped(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options),
    createStream: (head) => (isZlibWrapped(head) ? createInflate() : createInflateRaw()),
  },
}

/** The layers of a `Content-Encoding` header in the order in which they are undone. */
export function codingsOf(contentEncoding: string | undefined): Result<readonly Coding[], FailureOutcome> {
  if (contentEncoding === undefined) return ok(NO_CODINGS)
  const codings: Coding[] = []
  for (const part of contentEncoding.split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '' || name === 'identity') continue
    const coding = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined
    if (!coding) return err(failureOf('bad_encoding', 'The page is compressed in a way that we do not know.'))
    if (codings.unshift(coding) > MAX_LAYERS) {
      return err(failureOf('bad_encoding', `The page is compressed more than ${MAX_LAYERS} times over.`))
    }
  }
  return ok(codings)
}

const NO_CODINGS: readonly Coding[] = []

function isZlibWrapped(head: Uint8Array): boolean {
  const [first = 0, second] = head
  return (first & 0x0f) === 8 && (second === undefined || ((first << 8) | second) % 31 === 0)
}
