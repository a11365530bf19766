import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { ExportedFile } from '../application/export-runs.ts'

/** What goes into an archive: files, and then the lines of one more. */
export interface ArchiveParts {
  readonly files: AsyncGenerator<ExportedFile>
  readonly manifest: AsyncGenerator<string>
  /** The last entry's name and time. */
  readonly manifestName: string
  readonly at: Date
}

/**
 * A ZIP that is made while it is read: a file is taken from the source when the one before it has left. Destroying the
 * stream ends the sources; an error of a source ends the stream.
 */
export function zipStream({ files, manifest, manifestName, at }: ArchiveParts): Readable {
  const zip = new ZipFile()
  const out = zip.outputStream as Readable
  const gone = once(out, 'close').catch(() => undefined)
  const pump = async () => {
    for await (const file of files) {
      if (out.destroyed) return
      await Promise.race([added(zip, file), gone])
    }
    const lines = Readable.from(manifest)
    lines.once('error', (error) => out.destroy(error))
    zip.addReadStream(lines, manifestName, { mtime: at })
    zip.end()
  }
  pump().catch((error: unknown) => out.destroy(error as Error))
  out.once('close', () => {
    void files.return(undefined)
    void manifest.return(undefined)
  })
  return out
}

/** Resolves when the reader has taken the file. */
async function added(zip: ZipFile, { name, modifiedAt, bytes }: ExportedFile): Promise<void> {
  const source = new PassThrough()
  source.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const taken = once(source, 'end').catch(() => undefined)
  zip.addReadStream(source, name, { mtime: new Date(modifiedAt) })
  await taken
}
