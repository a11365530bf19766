/** The store or broker could not be reached, or refused work it usually does; nothing was done. Worth trying again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** A call timed out or lost its connection after it was sent: it may or may not have been done. Read before deciding. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome'
}
