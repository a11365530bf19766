import { describe, test } from 'vitest'

/** The variable that tells where each engine answers; `tools/engines` prints and sets them, services read the same ones. */
const variables = {
  cassandra: 'QUARRY_CASSANDRA',
  redis: 'QUARRY_REDIS',
  rabbitmq: 'QUARRY_RABBITMQ',
  traefik: 'QUARRY_TRAEFIK_BINARY',
} as const

export type EngineName = keyof typeof variables

/**
 * Declares the suites that need the real engine. Where it is not there, one skipped test says so by name, and in CI
 * that fails the run: a check that did not run must not look like one that passed.
 */
export function onEngine(engine: EngineName, suites: (address: string) => void): void {
  const address = process.env[variables[engine]]
  if (address !== undefined && address !== '') {
    describe(`on ${engine}`, () => suites(address))
    return
  }
  test.skip(`needs ${engine}: ${process.env[`${variables[engine]}_MISSING`] ?? `${variables[engine]} is not set`}`, () => {})
}

/**
 * Declares the suites that start a whole cluster of their own. Where this machine cannot, one skipped test says why, as
 * `npm test` has found it out.
 */
export function onCluster(suites: () => void): void {
  const missing = process.env.QUARRY_CLUSTER_MISSING
  if (missing === undefined || missing === '') suites()
  else test.skip(`needs a cluster: ${missing}`, () => {})
}
