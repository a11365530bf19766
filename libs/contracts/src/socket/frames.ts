/** Bodies above this travel as `chunk` messages of at most this size, so that no message blocks a socket for long. */
export const CHUNK_BYTES = 256 * 1024
/** A sender closes a batch of small bodies at this size. */
export const BATCH_BYTES = 256 * 1024
/** Explicit on every server: the largest batch plus its envelopes. */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024

/** Lays bodies end to end; the receiver cuts them apart by the sizes in the envelopes. */
export function joinBodies(bodies: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(bodies.reduce((sum, body) => sum + body.byteLength, 0))
  let at = 0
  for (const body of bodies) {
    joined.set(body, at)
    at += body.byteLength
  }
  return joined
}

/** The inverse of `joinBodies`, without copying; throws `RangeError` when the sizes do not add up. */
export function cutBodies(joined: Uint8Array, sizesBytes: readonly number[]): Uint8Array[] {
  let at = 0
  const bodies = sizesBytes.map((size) => joined.subarray(at, (at += size)))
  if (at !== joined.byteLength) throw new RangeError(`bodies of ${at} bytes announced, ${joined.byteLength} received`)
  return bodies
}
