/** The store or broker could not be reached, or refused work it usually does; nothing was done. Worth trying again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** The store or broker answered and refused the name or the password; trying again does not help. */
export class WrongCredentials extends Error {
  override readonly name = 'WrongCredentials'
}

/** A call timed out or lost its connection after it was sent: it may or may not have been done. Read before deciding. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome'
}
