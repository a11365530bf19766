/** What the emission shows of itself to whoever measures it. */
export interface EmissionMeter {
  /** A repetition came into the queue, so long after it was due. */
  emitted(latenessMs: number): void
  /** Repetitions emitted again because their job may be lost; `queued` of them were. */
  reEmitted(reps: { readonly queued: number; readonly known: number }): void
  /** Repetitions settled without an attempt. */
  gaveUp(reps: number): void
}

export const noMeter: EmissionMeter = {
  emitted: () => undefined,
  reEmitted: () => undefined,
  gaveUp: () => undefined,
}
