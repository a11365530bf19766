import type { RunResult } from '@quarry/domain'

/** A result that is written but not yet durable, nor visible under its name. */
export interface StagedResult {
  readonly cursor: string
  readonly run: RunResult
  /** The body's file, relative to the store; absent when there is none. */
  readonly file?: string
}

/** Where results are kept. Failures are `ExitError`s: there is no room (8), or the store cannot be written (7). */
export interface ResultStore<S extends StagedResult = StagedResult> {
  /** The cursor of the last committed result of what is asked for; undefined before the first. */
  readonly after: string | undefined
  /** Whether the job's result is staged or committed already; older ones may be forgotten where the cursor rules them out. */
  has(jobId: string): boolean
  freeBytes(): number
  /** States whose results these are; rejects when the store holds somebody else's. Repeating it changes nothing. */
  claim(userId: string): Promise<void>
  stage(result: { cursor: string; run: RunResult; damaged: boolean }, body: Uint8Array | undefined, now: number): S
  /** Makes a batch durable and visible, in the given order: all of it, or nothing that a later start would believe. */
  commit(batch: readonly S[]): Promise<void>
}
