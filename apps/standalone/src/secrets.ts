import { ConfigError } from '@quarry/service-kit'
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const names = ['QUARRY_INTERNAL_SECRET', 'QUARRY_AUTH_PEPPER', 'QUARRY_AUTH_SEALING_KEY'] as const

/**
 * The secrets of a marketplace on one machine: random, made at the first start, kept in the data folder for nobody but
 * its owner. Whatever the environment sets wins. Throws `ConfigError` when the folder cannot be used.
 */
export function loadSecrets(dataDir: string): Record<string, string> {
  const file = join(dataDir, 'secrets.json')
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    if (!existsSync(file)) writeOnce(file, JSON.stringify(newSecrets()))
  } catch (error) {
    throw new ConfigError(`The data folder ${dataDir} cannot be written: ${(error as Error).message}`, { cause: error })
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
}

/** Whole or not at all, and never over what is there: a half-written file would lock everybody out for ever. */
function writeOnce(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text, { mode: 0o600, flush: true })
  try {
    linkSync(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function newSecrets(): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(32).toString('base64url')]))
}
