/** The way from nothing to pages on one's own disk, in its order. */
export const tourSteps = ['try', 'schedule', 'page', 'receive'] as const
export type TourStep = (typeof tourSteps)[number]

/** What is known of the user that tells how far they are. */
export interface TourFacts {
  readonly orders: number
  readonly delivered: number
  /** Whether a program of theirs has used a token that may receive results. */
  readonly receives: boolean
}

/** Which steps are done. Trying out is for who has no order yet. */
export function doneSteps(facts: TourFacts): ReadonlySet<TourStep> {
  const done = new Set<TourStep>()
  if (facts.orders > 0) done.add('try').add('schedule')
  if (facts.delivered > 0) done.add('page')
  if (facts.receives) done.add('receive')
  return done
}
