import type { UserId } from '@quarry/domain'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { AccountData } from '../application/account-data.ts'

/**
 * All parts as one ZIP that is made while it is read: the next file is begun when the one before it has left, so one
 * chunk is in memory at a time. Destroying the stream ends it; an error of a part ends the stream.
 */
export function accountArchive(
  parts: readonly AccountData[],
  userId: UserId,
  wish: { readonly bodies: boolean; readonly at: Date },
): Readable {
  const zip = new ZipFile()
  const out = zip.outputStream as Readable
  const gone = once(out, 'close').catch(() => undefined)
  const pump = async () => {
    for (const part of parts) {
      for await (const { name, content } of part.exported(userId, wish)) {
        if (out.destroyed) return
        const source = Readable.from(content(), { objectMode: true }).map((chunk: string | Uint8Array) =>
          typeof chunk === 'string' ? Buffer.from(chunk) : chunk,
        )
        source.once('error', (error) => out.destroy(error))
        const taken = once(source, 'close').catch(() => undefined)
        zip.addReadStream(source, name, { mtime: wish.at })
        await Promise.race([taken, gone])
        source.destroy()
      }
    }
    zip.end()
  }
  pump().catch((error: unknown) => out.destroy(error as Error))
  return out
}
