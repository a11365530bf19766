/** Downloads and builds, kept in .cache/engines: each in a folder named for its engine and for what it was made from. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { acquire } from '../setup-lock.mjs'
import { hashOf, root } from '../workspace.mjs'

const cache = join(root, '.cache', 'engines')

/** The folder that holds what was made from this manifest, whether it is there yet or not. */
export function folderFor(engine, manifest) {
  return join(cache, `${engine}-${hashOf([readFileSync(manifest)]).slice(0, 12)}`)
}

/**
 * Calls `make(partial)` unless the folder is there, and moves what it made into place in one step: a folder that is
 * there is whole. Of several processes that want it, one makes it and the others wait.
 */
export async function madeOnce(folder, make, onLine) {
  if (existsSync(folder)) return
  const release = await acquire(`${folder}.lock`, (pid) =>
    onLine(`Waiting for process ${pid}, which prepares the same.`),
  )
  try {
    if (existsSync(folder)) return
    const partial = `${folder}.partial`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    await make(partial)
    renameSync(partial, folder)
  } finally {
    release()
  }
}
