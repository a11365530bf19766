import { hostname } from 'node:os'
import type { KernelConfig } from './config/kernel-config.ts'

const ALL_ADDRESSES = ['0.0.0.0', '::']

/** Where the other services are: as configured, or this very process once it listens. */
export class Peers {
  readonly #config: KernelConfig
  readonly #waiting: ((ownUrl: string) => void)[] = []
  #ownUrl: string | undefined
  #authTurn = 0

  constructor(config: KernelConfig) {
    this.#config = config
  }

  listening(ownUrl: string): void {
    this.#ownUrl = ownUrl
    for (const listener of this.#waiting.splice(0)) listener(ownUrl)
  }

  /** Calls back once this process listens; at once when it does already. */
  whenListening(listener: (ownUrl: string) => void): void {
    if (this.#ownUrl === undefined) this.#waiting.push(listener)
    else listener(this.#ownUrl)
  }

  /** This process's address as it listens; throws before that. */
  get ownUrl(): string {
    if (this.#ownUrl === undefined) throw new Error('not listening yet')
    return this.#ownUrl
  }

  /**
   * Where other processes reach this one, which may not be where it reaches itself: a process that listens on every address
   * knows of no other name for itself than its host's. Throws before it listens.
   */
  get advertisedUrl(): string {
    if (this.#config.advertisedUrl !== undefined) return this.#config.advertisedUrl.replace(/\/$/, '')
    if (!ALL_ADDRESSES.includes(this.#config.host)) return this.ownUrl
    return `http://${hostname()}:${new URL(this.ownUrl).port}`
  }

  /** Another instance of auth at each call, in turn: who got no answer asks again, and asks another. */
  get auth(): string {
    const urls = this.auths
    return urls[this.#authTurn++ % urls.length]!
  }

  /** Every instance of auth, always in the same order. */
  get auths(): readonly string[] {
    return this.#config.authUrls ?? [this.ownUrl]
  }

  get coins(): readonly string[] {
    return this.#config.coinUrls ?? [this.ownUrl]
  }

  get managers(): readonly string[] {
    return this.#config.managerUrls ?? [this.ownUrl]
  }
}
