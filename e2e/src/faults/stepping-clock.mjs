/**
 * Loaded into a service by `node --import`: SIGUSR2 sets its wall clock forward by an hour, SIGHUP back by one. Timers go
 * on as before, as they do when an operator or NTP sets a machine's clock.
 */
const HOUR_MS = 3_600_000
const now = Date.now
let offsetMs = 0

Date.now = () => now() + offsetMs
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
})

process.on('SIGUSR2', () => (offsetMs += HOUR_MS))
process.on('SIGHUP', () => (offsetMs -= HOUR_MS))
