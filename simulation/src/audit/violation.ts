/** A broken promise: which, of which order or job, and how. */
export interface Violation {
  readonly promise: string
  /** An order's or a job's id, a bucket, or the name of an account; what a trace is asked for by. */
  readonly subject: string
  readonly detail: string
}
