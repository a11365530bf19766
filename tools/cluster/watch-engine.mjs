/** Starts an engine again, on its ports and data, whenever it has died. */

const LOOK_MS = 200

/** Returns how to stop watching; `onEvent` hears of each end and each new start. */
export function watchEngine(engine, onEvent) {
  let pid = engine.pid
  let starting = false
  const look = setInterval(async () => {
    if (engine.pid === pid || starting) return
    onEvent({ event: 'exited', name: engine.name, pid })
    starting = true
    try {
      await engine.start()
      onEvent({ event: 'started', name: engine.name, pid: engine.pid })
    } catch (error) {
      onEvent({ event: 'failed', name: engine.name, reason: error.message })
    }
    pid = engine.pid ?? null
    starting = false
  }, LOOK_MS)
  return () => clearInterval(look)
}
