/**
 * Vitest's set-up for the end-to-end tests: finds out whether this machine can run a cluster, and tells the tests that
 * want one why not. Nothing is started: those tests start what they need.
 */
import { prepareEngines } from '../engines/start.mjs'

export async function setup() {
  if (process.env.QUARRY_CLUSTER_STATE) return
  // Nobody waits minutes in a test run for Traefik to be built.
  const { missing } = await prepareEngines({ build: false, onLine: (line) => process.stderr.write(`${line}\n`) })
  const reasons = Object.values(missing)
  if (process.env.CI && reasons.length > 0) throw new Error(`Engines are missing:\n${reasons.join('\n')}`)
  process.env.QUARRY_CLUSTER_MISSING = reasons.join('; ')
}
