import { exitCodes, ExitError, lockFolder, wordsOf } from '@quarry/cli-kit'
import { deviceIdSchema } from '@quarry/contracts'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The miner's own folder: device id, status of the latest session, history. One mining process at a time works in it. */
export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Takes the folder for this process; returns the release. Throws `ExitError`. */
  lock(): () => void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw new ExitError(exitCodes.fatal, 'unwritable', `Cannot write ${this.path}: ${wordsOf(error)}`)
    }
    return lockFolder(this.path, 'mining-client.lock')
  }

  /** This device's random id; made at the first call. */
  deviceId(): { id: string; isNew: boolean } {
    const known = this.read('device-id')?.trim()
    if (deviceIdSchema.safeParse(known).success && known !== undefined) return { id: known, isNew: false }
    const id = randomBytes(12).toString('base64url')
    this.replace('device-id', `${id}\n`)
    return { id, isNew: true }
  }

  /** A small file's text; undefined when there is none. */
  read(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8')
    } catch {
      return undefined
    }
  }

  /** Replaces a small file at once, so that a reader never sees half of it. Throws `ExitError` when it cannot. */
  replace(name: string, text: string): void {
    const path = join(this.path, name)
    try {
      writeFileSync(`${path}.new`, text, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    } catch (error) {
      throw new ExitError(exitCodes.fatal, 'unwritable', `Cannot write ${path}: ${wordsOf(error)}`)
    }
  }
}
