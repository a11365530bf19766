/**
 * A lock between processes of one machine, so that two starts at once do not install over each other.
 * It is a file with the owner's process id, touched while it is held. One whose owner is gone, or which was not touched
 * for a while (its id may belong to another process by now), is taken over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const touchMs = 2_000
const abandonedMs = 30_000
const pollMs = 200

/** Waits for the lock, calling `onWait` once if another process has it, and returns the function that releases it. */
export async function acquire(file, onWait) {
  mkdirSync(dirname(file), { recursive: true })
  let told = false
  while (!create(file)) {
    const owner = inspect(file)
    if (owner?.gone) {
      takeAway(file, owner)
      continue
    }
    if (owner && !told) {
      told = true
      onWait(owner.pid)
    }
    await sleep(pollMs)
  }
  const touch = setInterval(() => utimesSync(file, new Date(), new Date()), touchMs)
  touch.unref()
  return () => {
    clearInterval(touch)
    rmSync(file, { force: true })
  }
}

/** Creates the lock with its content in one step: a reader never sees it without its owner's id. */
function create(file) {
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function inspect(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    const { ino, mtimeMs } = statSync(file)
    return { pid, ino, gone: !isAlive(pid) || Date.now() - mtimeMs > abandonedMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Of several that find the owner gone, one renames that very file; who moved a newer lock by mistake puts it back. */
function takeAway(file, owner) {
  const aside = `${file}.gone.${process.pid}`
  try {
    renameSync(file, aside)
    if (statSync(aside).ino !== owner.ino) linkSync(aside, file)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
