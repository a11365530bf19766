import { Unavailable, UnknownOutcome } from '@quarry/messaging-port'

/** Error replies after which nothing was done, and which pass: Redis starts, is full, fails over, or knows us not yet. */
const PASSING = new Set([
  'LOADING',
  'BUSY',
  'OOM',
  'READONLY',
  'MISCONF',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'NOREPLICAS',
  'NOAUTH',
  'NOPERM',
  'WRONGPASS',
])

/** What a call did in Redis: a read that was lost on its way has done nothing. */
export type Effect = 'reads' | 'writes'

/** An error of the driver in the port's words; an error reply that no repetition mends stays as it is: it is a bug. */
export function portError(error: unknown, effect: Effect): unknown {
  const { name, message } = error as Error
  if (name === 'ReplyError') {
    return PASSING.has(message.split(' ', 1)[0] ?? '') ? new Unavailable(`Redis: ${message}`, { cause: error }) : error
  }
  // The driver's words for a command that it did not send.
  if (effect === 'reads' || message.startsWith("Stream isn't writeable")) {
    return new Unavailable(`Redis did not answer: ${message}`, { cause: error })
  }
  return new UnknownOutcome(`Redis was lost before it answered: ${message}`, { cause: error })
}

/** Whether Redis refused the name or the password, or asks for one that was not given. */
export function isRefusedLogin(reason: string): boolean {
  return /^(WRONGPASS|NOAUTH) /.test(reason)
}

/** What to throw for a call that went in parts: nothing was done only when no part can have been done. */
export function partsError(outcomes: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }): unknown => reason)
  const worst = reasons.find((reason) => !(reason instanceof Unavailable)) ?? reasons[0]
  const partlyDone = reasons.length < outcomes.length && worst instanceof Unavailable
  return partlyDone ? new UnknownOutcome(`Only a part was done: ${worst.message}`, { cause: worst }) : worst
}

/** Whether Redis lacks the functions of this release: it is new, or was restarted without its data. */
export function isMissingFunction(error: unknown): boolean {
  return (error as Error).name === 'ReplyError' && (error as Error).message.includes('Function not found')
}
