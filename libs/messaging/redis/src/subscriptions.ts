import type { RedisConnection } from './redis-connection.ts'
import { callGuarded } from './call-guarded.ts'

type Handler = (message: string) => void

/**
 * The channels that this process listens to, over a connection of their own. Messages sent while that connection is down
 * are lost; when it is up again everything is subscribed anew, and `onRestored` is called.
 */
export class Subscriptions {
  readonly #connection: RedisConnection
  readonly #handlers = new Map<string, Set<Handler>>()
  readonly #restored = new Set<() => void>()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(connection: RedisConnection) {
    this.#connection = connection
    connection.client.on('message', (channel: string, message: string) => {
      for (const handler of [...(this.#handlers.get(channel) ?? [])]) callGuarded(() => handler(message))
    })
    connection.client.on('ready', () => this.#restore())
  }

  /** Each handler may be given once. Returns how to stop. */
  listen(channel: string, handler: Handler): () => void {
    const handlers = this.#handlers.get(channel)
    if (handlers) {
      handlers.add(handler)
    } else {
      this.#handlers.set(channel, new Set([handler]))
      this.#send('subscribe', [channel])
    }
    return () => {
      const left = this.#handlers.get(channel)
      if (!left?.delete(handler) || left.size > 0) return
      this.#handlers.delete(channel)
      this.#send('unsubscribe', [channel])
    }
  }

  onRestored(listener: () => void): () => void {
    this.#restored.add(listener)
    return () => void this.#restored.delete(listener)
  }

  /** Resolves when every subscription made or ended so far is in effect, or lost with the connection. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay])
  }

  #restore(): void {
    if (this.#handlers.size > 0) this.#send('subscribe', [...this.#handlers.keys()])
    for (const listener of [...this.#restored]) callGuarded(listener)
  }

  /** What cannot be sent now is made good when the connection is restored. */
  #send(command: 'subscribe' | 'unsubscribe', channels: readonly string[]): void {
    if (!this.#connection.isReady) return
    const sent = this.#connection.client[command](...channels)
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(sent))
    this.#underWay.add(sent)
  }
}
