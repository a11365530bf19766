import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A way to a broker that a test can cut, or hold up, without the broker or its client knowing why. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: URL
  #refusing = false

  private constructor(target: URL) {
    this.#target = target
    this.#server = createServer((incoming) => this.#forward(incoming))
  }

  static async to(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(url))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    const url = new URL(this.#target)
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** Breaks all connections; new ones are welcome. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Breaks all connections, and refuses new ones until `admit`. */
  refuse(): void {
    this.#refusing = true
    this.cut()
  }

  admit(): void {
    this.#refusing = false
  }

  /** What clients and broker send arrives nowhere until `flow`. */
  hold(): void {
    for (const socket of this.#sockets) socket.pause()
  }

  flow(): void {
    for (const socket of this.#sockets) socket.resume()
  }

  async close(): Promise<void> {
    this.refuse()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #forward(incoming: Socket): void {
    if (this.#refusing) return void incoming.destroy()
    const outgoing = connect(Number(this.#target.port), this.#target.hostname)
    incoming.setNoDelay()
    outgoing.setNoDelay()
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }
}
