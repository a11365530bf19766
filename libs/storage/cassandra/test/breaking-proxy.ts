import { createServer, connect as connectTo, type AddressInfo, type Server, type Socket } from 'node:net'

/** A line to a server that breaks when it is told to. */
export class BreakingProxy {
  readonly #target: { host: string; port: number }
  readonly #lines = new Set<readonly [Socket, Socket]>()
  readonly #server: Server
  #cuts: (() => void) | undefined

  private constructor(target: { host: string; port: number }) {
    this.#target = target
    this.#server = createServer((client) => this.#join(client))
  }

  /** In front of `address`, given as `host:port`. */
  static async open(address: string): Promise<BreakingProxy> {
    const [host, port] = address.split(':')
    const proxy = new BreakingProxy({ host: host!, port: Number(port) })
    await proxy.#listen(0)
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Lets the next requests through and cuts their line when the answer comes, which is lost; resolves when that happened. */
  loseNextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.#cuts = resolve))
  }

  /** Neither requests nor answers pass until `resume`. */
  pause(): void {
    for (const line of this.#lines) for (const socket of line) socket.pause()
  }

  resume(): void {
    for (const line of this.#lines) for (const socket of line) socket.resume()
  }

  /** As when the server is killed: all lines are cut, and nobody listens until `restart`. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const [client, server] of this.#lines) [client, server].forEach((socket) => socket.destroy())
    await closed
  }

  async restart(port: number): Promise<void> {
    await this.#listen(port)
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
  }

  #join(client: Socket): void {
    const server = connectTo(this.#target)
    const line = [client, server] as const
    this.#lines.add(line)
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => {
      if (this.#cuts === undefined) client.write(data)
      else this.#cut(client, server)
    })
    for (const socket of line) {
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        this.#lines.delete(line)
        client.destroy()
        server.destroy()
      })
    }
  }

  #cut(client: Socket, server: Socket): void {
    client.destroy()
    server.destroy()
    this.#cuts?.()
    this.#cuts = undefined
  }
}
