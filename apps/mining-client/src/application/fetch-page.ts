import { CHUNK_BYTES, type Assignment, type Submission } from '@quarry/contracts'
import type { Clock, FailureOutcome, Outcome } from '@quarry/domain'
import { RecentBodies, type Fetcher, type HostReport } from '@quarry/scrape'
import type { HostFilter } from './host-filter.ts'
import type { Finished, Work } from './work.ts'

interface Ending {
  readonly assignment: Assignment
  readonly outcome: Outcome
  readonly host: HostReport
  readonly body?: Uint8Array
}

/** Work on a job: the owner's host rules, then the fetch with all its guards, then hash and compression. */
export function fetchPage(deps: { fetcher: Fetcher; hosts: HostFilter; clock: Clock; stop: AbortSignal }): Work {
  const { fetcher, hosts, clock, stop } = deps
  const bodies = new RecentBodies()
  const finish = ({ assignment, outcome, host, body }: Ending): Finished => {
    const { jobId, token } = assignment
    const chunked = body !== undefined && body.byteLength > CHUNK_BYTES
    const submission = { jobId, token, outcome, host, chunked } as Submission
    return { assignment, submission, finishedAt: clock.now(), ...(body ? { body } : {}) }
  }
  return async (assignment) => {
    const { url, hostGapMs, maxBodyBytes } = assignment
    if (!admitted(hosts, url)) return finish({ assignment, outcome: excluded, host: { extraRequests: 0 } })
    const result = await fetcher.fetch({ url, hostGapMs, maxBodyBytes, signal: stop })
    if (result.kind === 'failure') return finish({ assignment, outcome: result.failure, host: result.host })
    const { content, bytes } = await bodies.encode(result.body)
    return finish({ assignment, outcome: { ...result.page, content }, host: result.host, body: bytes })
  }
}

const excluded: FailureOutcome = {
  kind: 'failure',
  reason: 'host_excluded',
  fault: 'platform',
  detail: 'The miner that was asked does not fetch from this host.',
}

function admitted(hosts: HostFilter, url: string): boolean {
  // A URL that cannot be read is the fetcher's to judge.
  return !hosts.excludesAnything || !URL.canParse(url) || hosts.admits(new URL(url).hostname)
}
