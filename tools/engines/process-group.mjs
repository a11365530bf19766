/** Signals to a process group, by the id of the process that leads it. */

/** Sends a signal to the whole group. True when there was anyone to receive it. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    if (error.code === 'ESRCH') return false
    throw error
  }
}
