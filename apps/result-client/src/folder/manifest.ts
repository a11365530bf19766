import { exitCodes, ExitError } from '@quarry/cli-kit'
import type { RunResult } from '@quarry/domain'
import { constants, createReadStream, fstatSync, readSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { diskError, writeAll, type Disk } from './disk.ts'
import type { Durability } from './durability.ts'

/** Everything about one result: a line of `manifest.jsonl`, and its metadata file. */
export interface ManifestLine extends RunResult {
  readonly cursor: string
  /** The body's file, relative to the output folder; absent for failures and damaged bodies. */
  readonly file?: string
  readonly metadataFile: string
  /** When it was written here, on this machine's clock. */
  readonly receivedAt: number
  /** The body never arrived as announced, and was given up. */
  readonly damaged?: true
  /** Which results were asked for (`--order`, `--since`); absent for all of them. */
  readonly selection?: string
}

const BLOCK_BYTES = 64 * 1024
const NEWLINE = 0x0a
/** How every line begins, so that a torn one is known as ours. */
const FIRST_KEY = '{"cursor":"'

/** The log of a folder: what has a line here is safe on disk, what has none was never received. */
export class Manifest {
  readonly path: string
  readonly #disk: Disk
  readonly #fd: number
  #sizeBytes: number

  /** Opens the log and cuts off what a crash left half-written. Throws `ExitError`. */
  constructor(path: string, disk: Disk) {
    this.path = path
    this.#disk = disk
    try {
      const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW } = constants
      this.#fd = disk.openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o644)
      this.#sizeBytes = fstatSync(this.#fd).size
      this.#cutTorn()
    } catch (error) {
      throw diskError(path, error)
    }
  }

  /** The last lines, at most so many, oldest first. */
  tail(count: number): ManifestLine[] {
    const lines: ManifestLine[] = []
    let end = this.#sizeBytes
    while (end > 0 && lines.length < count) {
      const start = this.#lineStart(end)
      const line = parseLine(this.#text(start, end))
      if (line) lines.push(line)
      end = start
    }
    return lines.reverse()
  }

  /** Reads the whole log, oldest first. */
  async *all(): AsyncGenerator<ManifestLine> {
    if (this.#sizeBytes === 0) return
    const stream = createReadStream(this.path, { end: this.#sizeBytes - 1 })
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      const line = parseLine(text)
      if (line) yield line
    }
  }

  /** Appends lines durably, all or none. Rejects with `ExitError`; the log is then as before. */
  async append(lines: readonly Uint8Array[], durability: Durability): Promise<void> {
    const bytes = Buffer.concat(lines)
    try {
      writeAll(this.#disk, this.#fd, bytes)
      await durability.syncOpen(this.#fd)
      this.#sizeBytes += bytes.byteLength
    } catch (error) {
      this.#disk.ftruncateSync(this.#fd, this.#sizeBytes)
      throw diskError(this.path, error)
    }
  }

  close(): void {
    this.#disk.closeSync(this.#fd)
  }

  /** Takes away a last line without its end, and one that a power cut left as zeros; refuses a file of somebody else. */
  #cutTorn(): void {
    const found = this.#sizeBytes
    let end = found
    if (found > 0 && this.#byte(found - 1) !== NEWLINE) {
      end = this.#lineStart(found)
      const torn = this.#text(end, Math.min(found, end + FIRST_KEY.length))
      if (!torn.includes('\0') && !FIRST_KEY.startsWith(torn)) throw notOurs(this.path)
    }
    while (end > 0) {
      const start = this.#lineStart(end)
      const text = this.#text(start, end)
      if (parseLine(text)) break
      if (!text.includes('\0')) throw notOurs(this.path)
      end = start
    }
    if (end < found) this.#disk.ftruncateSync(this.#fd, end)
    this.#sizeBytes = end
  }

  /** Where the line begins whose line break (or torn end) is just before `end`. */
  #lineStart(end: number): number {
    let at = end - 1
    while (at > 0) {
      const start = Math.max(0, at - BLOCK_BYTES)
      const found = this.#bytes(start, at).lastIndexOf(NEWLINE)
      if (found >= 0) return start + found + 1
      at = start
    }
    return 0
  }

  #byte(at: number): number | undefined {
    return this.#bytes(at, at + 1)[0]
  }

  #text(start: number, end: number): string {
    return this.#bytes(start, end).toString('utf8')
  }

  #bytes(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(end - start)
    const count = readSync(this.#fd, buffer, 0, buffer.length, start)
    return buffer.subarray(0, count)
  }
}

/** The bytes of a line, with its line break; the cursor comes first. */
export function encodeLine({ cursor, ...rest }: ManifestLine): Buffer {
  return Buffer.from(`${JSON.stringify({ cursor, ...rest })}\n`)
}

function notOurs(path: string): ExitError {
  return new ExitError(
    exitCodes.fatal,
    'not_a_manifest',
    `${path} was not written by this program; choose another --out.`,
  )
}

function parseLine(text: string): ManifestLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<ManifestLine> | null
    return typeof line?.cursor === 'string' && typeof line.jobId === 'string' ? (line as ManifestLine) : undefined
  } catch {
    return undefined
  }
}
