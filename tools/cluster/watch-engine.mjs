/** Tells when an engine has died and when it runs again; starting it again is the business of who started it. */

const LOOK_MS = 200

/** Returns how to stop watching. */
export function watchEngine(engine, onEvent) {
  let pid = engine.pid
  const look = setInterval(() => {
    if (engine.pid === pid) return
    if (pid !== undefined) onEvent({ event: 'exited', name: engine.name, pid })
    if (engine.pid !== undefined) onEvent({ event: 'started', name: engine.name, pid: engine.pid })
    pid = engine.pid
  }, LOOK_MS)
  return () => clearInterval(look)
}
