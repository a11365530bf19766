import type { Assignment, PauseReason, Submission, SubmissionVerdict } from '@quarry/contracts'

/** A job's outcome, kept until the server has judged it. */
export interface Finished {
  readonly assignment: Assignment
  readonly submission: Submission
  /** The encoded body; absent for failures. */
  readonly body?: Uint8Array
  /** Whole milliseconds since the epoch. */
  readonly finishedAt: number
}

/** Does one job. Rejects only when it was stopped, or for a bug: then the job goes back to the server untouched. */
export type Work = (assignment: Assignment) => Promise<Finished>

/** The connection to a mining-server; to be used only while it is up. */
export interface MiningWire {
  /** Rejects when the connection is lost, or no answer comes in time: then the outcome is unknown. */
  submit(submissions: Submission[], bodies: Uint8Array): Promise<readonly SubmissionVerdict[]>
  /** Sends a piece of a large body; false when the server does not take it. */
  chunk(header: { token: string; index: number }, bytes: Uint8Array): Promise<boolean>
  handBack(tokens: string[]): void
  /** With 0, `why` says why. */
  capacity(concurrency: number, why?: PauseReason): void
}
