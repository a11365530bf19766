/**
 * Vitest's set-up for the tests on real engines: starts those that this machine has in a scratch folder and stops them at
 * the end. An engine whose variable is set already is left alone. Where one is missing its tests are skipped with the
 * reason; where CI is set that ends the run instead.
 */
import { engineNames, engineVariables, prepareEngines, startEngines } from './start.mjs'

const isSet = (name) => (process.env[engineVariables[name]] ?? '') !== ''

export async function setup() {
  const wanted = engineNames.filter((name) => !isSet(name))
  // Nobody waits minutes in a test run for Traefik to be built.
  const { prepared, missing } = await prepareEngines({ engines: wanted, build: false, onLine: say })
  refuseInCi(Object.values(missing))
  for (const [name, reason] of Object.entries(missing)) process.env[`${engineVariables[name]}_MISSING`] = reason
  // A test of routes starts a Traefik with its own: it needs the program only.
  if (prepared.traefik) process.env[engineVariables.traefik] = prepared.traefik.program

  const engines = Object.keys(prepared).filter((name) => name !== 'traefik')
  if (engines.length === 0) return
  say(`Starting ${engines.join(', ')} for the tests.`)
  const running = await startEngines({ engines })
  for (const name of engines) process.env[engineVariables[name]] = running.env[engineVariables[name]]
  return () => running.stop()
}

function refuseInCi(reasons) {
  if (process.env.CI && reasons.length > 0) throw new Error(`Engines are missing:\n${reasons.join('\n')}`)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
