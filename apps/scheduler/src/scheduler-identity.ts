/** Injects the `SchedulerIdentity` of this process. */
export const SCHEDULER_IDENTITY = Symbol('SchedulerIdentity')

/** By what the managers, the logs and the buckets know this scheduler. */
export interface SchedulerIdentity {
  /** As its operator named it, or new at every start. */
  readonly schedulerId: string
  /** New at every start: two of the same id, by mistake or because the first still ends, stay two. */
  readonly instance: string
}
