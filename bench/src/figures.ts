import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const CALM_LOAD = 2
const LOOK_MS = 5_000

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

export function round(figure: number): number {
  return Math.round(figure * 100) / 100
}

/** Waits, at most so long, for a moment at which the machine has little else to do. */
export async function awaitCalm(mostMs: number): Promise<void> {
  const until = performance.now() + mostMs
  if (loadavg()[0]! >= CALM_LOAD && mostMs > 0) say(`Load ${loadavg()[0]!.toFixed(1)}: waiting for it to fall.`)
  while (loadavg()[0]! >= CALM_LOAD && performance.now() < until) await sleep(LOOK_MS)
}

/** What was measured, with the machine's load average (one minute) before and after. */
export async function withLoad<T extends object>(
  measure: () => Promise<T>,
): Promise<T & { readonly loadBefore: number; readonly loadAfter: number }> {
  const loadBefore = round(loadavg()[0]!)
  const figures = await measure()
  return { ...figures, loadBefore, loadAfter: round(loadavg()[0]!) }
}
