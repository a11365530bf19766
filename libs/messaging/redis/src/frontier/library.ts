import { MAX_ATTEMPTS, MOST_REQUESTS_OF_A_JOB } from '@quarry/domain'
import { createHash } from 'node:crypto'
import { callsLua } from './calls.lua.ts'
import { hostsLua } from './hosts.lua.ts'
import { jobsLua } from './jobs.lua.ts'
import { stateLua } from './state.lua.ts'

/**
 * The rules of the frontier as one library of Redis functions, in Lua; they agree with `Frontier` of the domain.
 *
 * Keys, all of one shard and so of one hash slot; functions are given the first part, `<prefix>{q:<shard>}`:
 * - `:meta` steady time, last job number, how many finished ids are known and since when
 * - `:ids` hash, jobId → job number, finished ones included · `:finished` list of finished ids, in batches, oldest first
 * - `:job` hash, number → job · `:host` hash, name → host · `:queue:<host>` the host's waiting jobs but its best
 * - `:waiting` by patience, `:delayed` by wake time, `:leased` by deadline, `:dead` by when they may be reaped: job numbers
 *   (of `:leased`: leases); every job that is held is in exactly one of the four
 * - `:ready` best jobs of the hosts that may be asked, in the order of serving · `:pausing` hosts with waiting jobs, and
 *   `:idle` hosts without a job, by next allowed time
 *
 * The text names itself by its hash, so that releases with other rules work side by side on one Redis; they must agree on
 * what the keys hold, or change `LAYOUT`.
 */
const rules = [
  `local MOST_REQUESTS_OF_A_JOB, MAX_ATTEMPTS = ${MOST_REQUESTS_OF_A_JOB}, ${MAX_ATTEMPTS}`,
  stateLua,
  hostsLua,
  jobsLua,
  callsLua,
].join('\n')

/** Part of every key: changes with what the keys hold. */
export const LAYOUT = 'q'

const name = `quarry_frontier_${createHash('sha256').update(rules).digest('hex').slice(0, 12)}`

export type FrontierFunction = 'enqueue' | 'claim' | 'extend' | 'ack' | 'release' | 'reap' | 'holds' | 'depth' | 'peek'

export const frontierLibrary = {
  name,
  code: `#!lua name=${name}\nlocal LIBRARY = '${name}_'\n${rules}`,
} as const

/** The name under which Redis knows the function of this release. */
export function functionName(called: FrontierFunction): string {
  return `${name}_${called}`
}
