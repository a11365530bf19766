import type { FailureOutcome } from '@quarry/domain'
import type { RobotsRules } from './parse-robots.ts'

const FRESH_MS = 24 * 3_600_000
/** How long a site stays closed after its robots.txt could not be read. */
const FAILED_MS = 60_000
const MAX_ENTRIES = 10_000
const MAX_RULE_CHARACTERS = 16 * 1024 * 1024

/** A site's rules, or why nothing of it may be fetched for now. */
export type RobotsAnswer =
  | { readonly kind: 'rules'; readonly rules: RobotsRules }
  | { readonly kind: 'closed'; readonly failure: FailureOutcome }

interface Entry {
  readonly answer: RobotsAnswer
  readonly expiresAt: number
  readonly characters: number
}

/**
 * The robots.txt of each origin (RFC 9309, 2.4): rules for a day, failures for a minute. One load at a time for an
 * origin, whoever asks. Bounded by entries and by the size of their rules; the least recently used go first.
 */
export class RobotsCache {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<RobotsAnswer>>()
  #characters = 0

  /** `now` in milliseconds; only differences count. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** What is known about an origin now; undefined when it must be loaded. */
  get(origin: string): RobotsAnswer | undefined {
    const entry = this.#entries.get(origin)
    if (!entry) return undefined
    this.#entries.delete(origin)
    if (entry.expiresAt <= this.#now()) {
      this.#characters -= entry.characters
      return undefined
    }
    this.#entries.set(origin, entry)
    return entry.answer
  }

  /** Loads an origin's answer, or joins who does already. `load` must not reject. */
  load(origin: string, load: () => Promise<RobotsAnswer>): Promise<RobotsAnswer> {
    const loading = this.#loading.get(origin)
    if (loading) return loading
    const fresh = load()
      .then((answer) => {
        this.#keep(origin, answer)
        return answer
      })
      .finally(() => this.#loading.delete(origin))
    this.#loading.set(origin, fresh)
    return fresh
  }

  #keep(origin: string, answer: RobotsAnswer): void {
    const isOpen = answer.kind === 'rules'
    const characters = isOpen ? answer.rules.rules.reduce((sum, rule) => sum + rule.pattern.length + 32, 0) : 0
    this.#entries.set(origin, { answer, expiresAt: this.#now() + (isOpen ? FRESH_MS : FAILED_MS), characters })
    this.#characters += characters
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= MAX_ENTRIES && this.#characters <= MAX_RULE_CHARACTERS) break
      this.#entries.delete(oldest)
      this.#characters -= entry.characters
    }
  }
}
