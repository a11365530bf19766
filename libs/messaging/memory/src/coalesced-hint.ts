/**
 * Tells listeners that something may have changed: once for any number of calls in one go, after the caller's own work.
 * A listener that throws keeps nobody else from hearing; its error is a process warning.
 */
export class CoalescedHint {
  readonly #listeners = new Set<{ readonly listener: () => void }>()
  #pending = false

  /** Returns how to stop listening. */
  listen(listener: () => void): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  give(): void {
    if (this.#pending || this.#listeners.size === 0) return
    this.#pending = true
    queueMicrotask(() => {
      this.#pending = false
      for (const entry of [...this.#listeners]) {
        if (this.#listeners.has(entry)) callGuarded(entry.listener)
      }
    })
  }
}

/** Calls a listener; what it throws becomes a process warning and goes no further. */
export function callGuarded(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
