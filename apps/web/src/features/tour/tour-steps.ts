/** The way from nothing to pages on one's own disk, in its order. */
export const tourSteps = ['try', 'schedule', 'page', 'receive'] as const
export type TourStep = (typeof tourSteps)[number]

/** What is known of the user that tells how far they are. */
export interface TourFacts {
  /** Pages that were tried out before ordering, in this browser. */
  readonly tried: boolean
  readonly orders: number
  readonly delivered: number
  /** Whether a program of theirs has used a token that may receive results. */
  readonly receives: boolean
}

/** Which steps are done. A later one that is done makes trying out needless. */
export function doneSteps(facts: TourFacts): ReadonlySet<TourStep> {
  const done = new Set<TourStep>()
  if (facts.tried || facts.orders > 0) done.add('try')
  if (facts.orders > 0) done.add('schedule')
  if (facts.delivered > 0) done.add('page')
  if (facts.receives) done.add('receive')
  return done
}
