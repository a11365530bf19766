import type { CancelTimer, Clock } from '@quarry/domain'

/**
 * Notices when a primary reaches nobody any more: it had backups, and for `patienceMs` no backup and no scheduler has been
 * connected. Its lease may stand all the same, since the store is another network path; a backup would serve better then.
 */
export class NoticeIsolation {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #onIsolated: () => void
  #hadBackups = false
  #cancel: CancelTimer | undefined

  constructor(clock: Clock, patienceMs: number, onIsolated: () => void) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#onIsolated = onIsolated
  }

  /** To be told whenever one of the two numbers changed. */
  connected(backups: number, schedulers: number): void {
    if (backups > 0) this.#hadBackups = true
    if (backups > 0 || schedulers > 0 || !this.#hadBackups) {
      this.#cancel?.()
      this.#cancel = undefined
    } else this.#cancel ??= this.#clock.after(this.#patienceMs, this.#onIsolated)
  }

  /** Not primary any more. */
  forget(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#hadBackups = false
  }
}
