import type { Instant } from '@quarry/domain'
import { isMissingFunction, type Effect } from '../redis-errors.ts'
import type { RedisConnection } from '../redis-connection.ts'
import { frontierLibrary, functionName, LAYOUT, type FrontierFunction } from './library.ts'

/** What all shards of a queue have in common. */
export interface FrontierSettings {
  readonly prefix: string
  readonly channel: string
  readonly rememberFinishedMs: number
  /** Of each shard. */
  readonly maxFinished: number
  /** Gives the queue's time; Redis' own clock when undefined. */
  readonly now: (() => Instant) | undefined
}

/** The frontier of a part of the hosts: its keys share one hash slot, so each call is one function in one place. */
export class FrontierShard {
  readonly index: number
  readonly #connection: RedisConnection
  readonly #settings: FrontierSettings
  readonly #base: string
  #loading: Promise<unknown> | undefined

  constructor(connection: RedisConnection, index: number, settings: FrontierSettings) {
    this.#connection = connection
    this.index = index
    this.#settings = settings
    this.#base = `${settings.prefix}{${LAYOUT}:${index}}`
  }

  /** Says whether the shard has lost its data: it names the value as long as its data is there. */
  get epochKey(): string {
    return `${this.#base}:epoch`
  }

  /** Runs one function. A Redis that does not have the functions yet is given them. */
  async run(name: FrontierFunction, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#call(name, args)
    } catch (error) {
      if (!isMissingFunction(error)) throw error
      this.#loading ??= this.load().finally(() => (this.#loading = undefined))
      await this.#loading
      return this.#call(name, args)
    }
  }

  async load(): Promise<void> {
    // The same name is the same text: to replace is to change nothing, whoever does it at the same time.
    await this.#connection.call('reads', 'FUNCTION', ['LOAD', 'REPLACE', frontierLibrary.code])
  }

  #call(name: FrontierFunction, args: readonly string[]): Promise<unknown> {
    const { now, rememberFinishedMs, maxFinished, channel } = this.#settings
    const effect: Effect = name === 'holds' || name === 'depth' || name === 'peek' ? 'reads' : 'writes'
    const common = [now ? String(now()) : '', String(rememberFinishedMs), String(maxFinished), channel]
    return this.#connection.call(effect, 'FCALL', [functionName(name), '1', this.#base, ...common, ...args])
  }
}
