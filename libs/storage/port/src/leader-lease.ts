import type { Result } from '@quarry/domain'

export interface Leadership {
  readonly holder: string
  /** Where the holder can be reached by others, as it said. */
  readonly address: string
  /** Rises with every change of holder, never falls, never expires. */
  readonly epoch: number
  /** Rises with every renewal: an observer sees by it that the holder lives, without comparing clocks. */
  readonly beat: number
}

/** Somebody else holds the lease, or moved it since it was read. */
export interface LeaseLost {
  readonly kind: 'lease-lost'
  readonly current: Leadership
}

/**
 * One named lease decided by conditional writes, linearizable. It holds no times: whoever watches takes over when
 * `beat` has not moved for long enough on its own monotonic clock. Throws `Unavailable` and `UnknownOutcome` (read).
 */
export interface LeaderLease {
  read(name: string): Promise<Leadership | undefined>
  /** Takes the lease over from `seen` (undefined: nobody ever held it) with the next epoch. Of many callers one wins. */
  takeOver(
    name: string,
    by: { holder: string; address: string },
    seen: Leadership | undefined,
  ): Promise<Result<Leadership, LeaseLost>>
  /** Moves the beat on; refused when `held.epoch` is no longer the latest. */
  renew(name: string, held: Leadership): Promise<Result<Leadership, LeaseLost>>
}
