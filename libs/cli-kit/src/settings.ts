import envPaths from 'env-paths'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, ExitError, wordsOf } from './exit-codes.ts'

type Env = Readonly<Record<string, string | undefined>>

const DEFAULT_SERVER = 'http://localhost:8080'

/** Where settings and tokens are kept: `QUARRY_CONFIG_DIR`, or the platform's usual folder. */
export function configDir(env: Env): string {
  return env['QUARRY_CONFIG_DIR'] || envPaths('quarry', { suffix: '' }).config
}

/** Where a program keeps its own data: `QUARRY_DATA_DIR`, or the platform's usual folder. */
export function dataDir(env: Env, program: string): string {
  return env['QUARRY_DATA_DIR'] || join(envPaths('quarry', { suffix: '' }).data, program)
}

/** Flags over environment over `config.json` of the configuration folder. */
export class Settings {
  readonly #env: Env
  readonly #file: Readonly<Record<string, unknown>>

  private constructor(env: Env, file: Readonly<Record<string, unknown>>) {
    this.#env = env
    this.#file = file
  }

  /** A missing file means no settings; throws `ExitError` (usage) for one that is not a JSON object. */
  static read(env: Env): Settings {
    const path = join(configDir(env), 'config.json')
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      return new Settings(env, {})
    }
    try {
      const parsed: unknown = JSON.parse(text)
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
        throw new Error('it must be an object')
      return new Settings(env, parsed as Record<string, unknown>)
    } catch (error) {
      throw new ExitError(exitCodes.usage, 'bad_config', `${path} is no valid settings file: ${wordsOf(error)}`)
    }
  }

  /** The first that is set: the flag, the variable, the file's key. */
  text(flag: string | undefined, variable: string, key: string): string | undefined {
    if (flag !== undefined) return flag
    const fromEnv = this.#env[variable]
    if (fromEnv) return fromEnv
    const fromFile = this.#file[key]
    return typeof fromFile === 'string' || typeof fromFile === 'number' ? String(fromFile) : undefined
  }

  /** A repeatable flag; the variable separates entries by commas or blanks, the file has a list. */
  list(flags: readonly string[], variable: string, key: string): readonly string[] {
    if (flags.length > 0) return flags
    const fromEnv = this.#env[variable]
    if (fromEnv) return fromEnv.split(/[\s,]+/).filter(Boolean)
    const fromFile = this.#file[key]
    return Array.isArray(fromFile) ? fromFile.filter((entry) => typeof entry === 'string') : []
  }

  /** The server's origin, without a slash at its end. Throws `ExitError` (usage) when it is no http(s) URL. */
  server(flag: string | undefined): string {
    const text = this.text(flag, 'QUARRY_SERVER', 'server') ?? DEFAULT_SERVER
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (!url || !['http:', 'https:'].includes(url.protocol)) {
      throw usage(`--server must be a URL such as ${DEFAULT_SERVER}, not "${text}".`)
    }
    if (url.pathname !== '/' || url.search || url.hash || url.username) {
      throw usage(`--server takes the server's address only, such as ${url.origin}.`)
    }
    return url.origin
  }

  /** A whole number between bounds. Throws `ExitError` (usage) for anything else. */
  wholeNumber(text: string | undefined, rule: { name: string; min: number; max: number; fallback: number }): number {
    if (text === undefined) return rule.fallback
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= rule.min && value <= rule.max) return value
    throw usage(`${rule.name} must be a whole number from ${rule.min} to ${rule.max}, not "${text}".`)
  }
}

/** The end of a command that was called wrongly. */
export function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, 'usage', message)
}
