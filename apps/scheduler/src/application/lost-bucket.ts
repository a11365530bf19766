/** The bucket belongs to somebody else now. */
export class LostBucket extends Error {
  override readonly name = 'LostBucket'
}
