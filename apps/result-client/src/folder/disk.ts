import { exitCodes, ExitError, wordsOf } from '@quarry/cli-kit'
import * as fs from 'node:fs'

/** The calls to the file system that a test can make fail. */
export type Disk = Pick<
  typeof fs,
  | 'openSync'
  | 'writeSync'
  | 'closeSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'ftruncateSync'
  | 'fsync'
  | 'statfsSync'
>

export const realDisk: Disk = fs

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A failed call as the end of the command: 8 when there is no room, 7 for everything else, with the path and the reason. */
export function diskError(path: string, error: unknown): ExitError {
  if (error instanceof ExitError) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (FULL.has(code)) {
    return new ExitError(
      exitCodes.quota,
      'disk_full',
      `No room left for ${path} (${code}). Free some and start again: nothing is lost.`,
    )
  }
  return new ExitError(exitCodes.fatal, 'unwritable', `Cannot write ${path}: ${wordsOf(error)}`)
}

/** Writes a new file without following links; leaves none behind when it fails. The bytes are not durable yet. */
export function writeNew(disk: Disk, path: string, bytes: Uint8Array): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = fs.constants
  const fd = disk.openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o644)
  try {
    writeAll(disk, fd, bytes)
  } catch (error) {
    disk.closeSync(fd)
    disk.unlinkSync(path)
    throw error
  }
  disk.closeSync(fd)
}

/** Writes all bytes; the kernel may take them in pieces. */
export function writeAll(disk: Disk, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) at += disk.writeSync(fd, bytes, at)
}

/** Makes a folder, or finds it; refuses a link or a file in its place. Says whether it is new. */
export function realFolder(disk: Disk, path: string): boolean {
  const found = disk.lstatSync(path, { throwIfNoEntry: false })
  if (!found) {
    disk.mkdirSync(path)
    return true
  }
  if (found.isDirectory()) return false
  const what = found.isSymbolicLink() ? 'a link' : 'no folder'
  throw new ExitError(
    exitCodes.fatal,
    'unsafe_folder',
    `${path} is ${what}; results are only written into real folders.`,
  )
}
