import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, ExitError, wordsOf } from './exit-codes.ts'

/** Keeps one API token per server for one program, in a file that only its owner can read (mode 0600). */
export class TokenStore {
  readonly #dir: string
  readonly #path: string

  constructor(dir: string, program: string) {
    this.#dir = dir
    this.#path = join(dir, `${program}-tokens.json`)
  }

  get path(): string {
    return this.#path
  }

  /** The server's token; undefined when there is none. Takes others' rights to the file away if it finds any. */
  read(server: string): string | undefined {
    const token = this.#all()[server]
    if (token !== undefined && process.platform !== 'win32' && (statSync(this.#path).mode & 0o077) !== 0) {
      chmodSync(this.#path, 0o600)
    }
    return token
  }

  /** Keeps the token in place of an older one, atomically. Throws `ExitError` (fatal) when the folder cannot be written. */
  save(server: string, token: string): void {
    this.#write({ ...this.#all(), [server]: token })
  }

  /** Forgets the server's token. Throws as `save`. */
  remove(server: string): void {
    const { [server]: removed, ...others } = this.#all()
    if (removed !== undefined) this.#write(others)
  }

  #write(tokens: Readonly<Record<string, string>>): void {
    const temporary = `${this.#path}.${process.pid}`
    try {
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
      writeFileSync(temporary, `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 })
      renameSync(temporary, this.#path)
    } catch (error) {
      throw new ExitError(exitCodes.fatal, 'unwritable', `Cannot write ${this.#path}: ${wordsOf(error)}`)
    }
  }

  #all(): Record<string, string> {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch {
      return {}
    }
    try {
      const parsed = JSON.parse(text) as unknown
      return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, string>) : {}
    } catch {
      return {}
    }
  }
}
