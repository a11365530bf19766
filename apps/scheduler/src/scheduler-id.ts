/** Injects the id by which this scheduler is known to the managers and in the buckets it owns; new at every start. */
export const SCHEDULER_ID = Symbol('SchedulerId')
