import { round, say } from '../figures.ts'
import { answerOf } from '../script.ts'
import { withEngines } from './running-engines.ts'

const JOBS = 50_000
const ROUNDS = 2

/** What one client process did with `JOBS` jobs, from the first enqueue to the last acknowledgement. */
export interface QueueTimes {
  readonly jobs: number
  readonly enqueueMs: number
  readonly processMs: number
}

export interface JobQueueFigures {
  readonly jobsPerSecond: number
  readonly peerJobsPerSecond: number
  readonly ratio: number
  readonly enqueueRatio: number
  readonly processRatio: number
}

/**
 * The job queue against BullMQ: one client process each, the same Redis with the same log, the same payload and ids, jobs
 * handed over 500 at a time, at most 100 in work. They take turns, each anew in a process of its own.
 */
export function benchJobQueue(): Promise<JobQueueFigures> {
  return withEngines(['redis'], async ({ redis }) => {
    const ours: QueueTimes[] = []
    const theirs: QueueTimes[] = []
    for (let turn = 0; turn < ROUNDS; turn++) {
      ours.push(await run('quarry', redis, turn))
      theirs.push(await run('bullmq', redis, turn))
    }
    const [all, peer] = [perSecond(ours), perSecond(theirs)]
    return {
      jobsPerSecond: Math.round(all.both),
      peerJobsPerSecond: Math.round(peer.both),
      ratio: round(all.both / peer.both),
      enqueueRatio: round(all.enqueue / peer.enqueue),
      processRatio: round(all.process / peer.process),
    }
  })
}

async function run(side: 'quarry' | 'bullmq', redis: string, turn: number): Promise<QueueTimes> {
  const times = await answerOf<QueueTimes>('job-queue-client', [side, redis, String(JOBS), `${side}${turn}`])
  if (times.jobs !== JOBS) throw new Error(`${side} did ${times.jobs} of ${JOBS} jobs`)
  const { enqueue, process } = perSecond([times])
  say(
    `${side.padEnd(7)} ${Math.round(enqueue)} jobs/s enqueued, ${Math.round(process)} jobs/s claimed and acknowledged`,
  )
  return times
}

function perSecond(times: readonly QueueTimes[]): { enqueue: number; process: number; both: number } {
  const sum = (of: (one: QueueTimes) => number) => times.reduce((total, one) => total + of(one), 0)
  const jobs = sum((one) => one.jobs)
  const [enqueueMs, processMs] = [sum((one) => one.enqueueMs), sum((one) => one.processMs)]
  return {
    enqueue: (jobs / enqueueMs) * 1000,
    process: (jobs / processMs) * 1000,
    both: (jobs / (enqueueMs + processMs)) * 1000,
  }
}
