import { createServer, connect as connectTo, type AddressInfo, type Server, type Socket } from 'node:net'

/** A line to a server that breaks when it is told to. */
export class BreakingProxy {
  readonly #target: { host: string; port: number }
  readonly #lines = new Set<readonly [Socket, Socket]>()
  readonly #server: Server
  #cuts: (() => void) | undefined
  #fails = false

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

  /** Lets the next request through and tells its sender of a server error in place of the answer; the line stays. */
  failNextAnswer(): void {
    this.#fails = true
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
      if (this.#cuts !== undefined) this.#cut(client, server)
      else client.write(this.#fails ? this.#failed(data) : data)
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

  /** The answer to the same request, as an error of the server (CQL binary protocol v4, sections 2 and 9). */
  #failed(answer: Buffer): Buffer {
    this.#fails = false
    const words = Buffer.from('planted by the test')
    const error = Buffer.alloc(15)
    // Version and stream are those of the answer; opcode 0 is an error, and so is its code 0 one of the server.
    answer.copy(error, 0, 0, 4)
    error[1] = 0
    error.writeInt32BE(6 + words.length, 5)
    error.writeUInt16BE(words.length, 13)
    return Buffer.concat([error, words])
  }
}
