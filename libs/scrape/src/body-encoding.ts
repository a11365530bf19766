import type { Content, Result } from '@quarry/domain'
import { err, ok } from '@quarry/domain'
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'

const compressInBackground = promisify(zstdCompress)
const decompressInBackground = promisify(zstdDecompress)

/** Up to here the work is quicker than handing it to another thread and back. */
const SYNC_BYTES = 512 * 1024
/** Below this a compressed body saves nothing worth the work. */
const TINY_BYTES = 128
/** One piece of output for most pages. */
const CHUNK_BYTES = 64 * 1024
/** Level 1 takes three quarters of the time of level 3 for the same size within a few percent on web pages. */
const COMPRESSION = { chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** A body ready for the way: `bytes` is what `content.encoding` says, `content.storedBytes` long. */
export interface EncodedBody {
  readonly content: Content
  readonly bytes: Uint8Array
}

/** Hashes and compresses a page's body. A body that compression would not shrink stays as it is, without a copy. */
export async function encodeBody(body: Uint8Array): Promise<EncodedBody> {
  const sha256 = hashBody(body)
  const sizeBytes = body.byteLength
  if (sizeBytes >= TINY_BYTES) {
    const bytes =
      sizeBytes <= SYNC_BYTES ? zstdCompressSync(body, COMPRESSION) : await compressInBackground(body, COMPRESSION)
    if (bytes.byteLength < sizeBytes) {
      return { content: { sha256, sizeBytes, encoding: 'zstd', storedBytes: bytes.byteLength }, bytes }
    }
  }
  return { content: { sha256, sizeBytes, encoding: 'identity', storedBytes: sizeBytes }, bytes: body }
}

/** Why bytes are not the body that they were announced to be; safe to show. */
export type BodyMismatch = 'too_large' | 'wrong_size' | 'wrong_hash' | 'bad_encoding'

/**
 * The inverse of `encodeBody` for bytes that somebody else made: never decodes past the announced size, nor past
 * `maxBytes`, and takes nothing whose size or hash is not the announced one.
 */
export async function decodeBody(
  bytes: Uint8Array,
  content: Content,
  maxBytes: number,
): Promise<Result<Uint8Array, BodyMismatch>> {
  if (content.sizeBytes > maxBytes) return err('too_large')
  if (bytes.byteLength !== content.storedBytes) return err('wrong_size')
  const body = content.encoding === 'identity' ? ok(bytes) : await decompress(bytes, content.sizeBytes)
  if (!body.ok) return body
  if (body.value.byteLength !== content.sizeBytes) return err('wrong_size')
  return hashBody(body.value) === content.sha256 ? body : err('wrong_hash')
}

async function decompress(bytes: Uint8Array, sizeBytes: number): Promise<Result<Uint8Array, BodyMismatch>> {
  const options = { maxOutputLength: Math.max(1, sizeBytes), chunkSize: CHUNK_BYTES }
  try {
    return ok(
      sizeBytes <= SYNC_BYTES ? zstdDecompressSync(bytes, options) : await decompressInBackground(bytes, options),
    )
  } catch (error) {
    return err((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'wrong_size' : 'bad_encoding')
  }
}

/** The SHA-256 of a body, in hex. */
export function hashBody(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}
