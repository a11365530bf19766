import { closeSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, ExitError, wordsOf } from './exit-codes.ts'

interface Holder {
  readonly pid: number
  /** When the process began, in the kernel's own count: a number that was given again is not mistaken for its holder. */
  readonly started: string
}

/**
 * Makes sure that one process at a time works in a folder. A lock whose process is dead, by whatever end, is taken over.
 * Returns the release. Throws `ExitError`: `folder_in_use` (1) or `unwritable` (7).
 */
export function lockFolder(folder: string, name: string): () => void {
  const path = join(folder, name)
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder)
  for (let attempt = 0; attempt < 5; attempt++) {
    if (create(path, mine)) return () => release(path, mine)
    const text = readText(path)
    const holder = text === undefined ? undefined : parseHolder(text)
    if (holder && isAlive(holder)) {
      throw new ExitError(exitCodes.failure, 'folder_in_use', `Process ${holder.pid} is already working in ${folder}.`)
    }
    if (text !== undefined) discard(path, text)
  }
  throw new ExitError(exitCodes.failure, 'folder_in_use', `Another process is starting to work in ${folder}.`)
}

function create(path: string, content: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600)
    writeSync(fd, content)
    closeSync(fd)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new ExitError(exitCodes.fatal, 'unwritable', `Cannot write into the folder of ${path}: ${wordsOf(error)}`)
  }
}

/** Moves a dead process's lock away; one that another process took meanwhile is put back. */
function discard(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (readText(aside) === expected) unlinkSync(aside)
  else renameSync(aside, path)
}

function release(path: string, mine: string): void {
  if (readText(path) === mine) unlinkSync(path)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null
    return typeof holder?.pid === 'number' && typeof holder.started === 'string' ? (holder as Holder) : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === started
}

/** Empty where the platform does not tell: then the number alone decides. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
