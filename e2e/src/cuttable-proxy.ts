import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP proxy before one process, so that a test can cut off who goes through it. */
export class CuttableProxy {
  readonly url: string
  /** Where it leads; connections before that is known are refused. */
  targetPort: number | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #state: 'open' | 'cut' | 'silent' = 'open'

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (socket) => this.#connected(socket))
  }

  static async open(): Promise<CuttableProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CuttableProxy(server)
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#state = 'cut'
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Keeps every connection, takes new ones, and passes on nothing: a network that swallows packets. */
  silence(): void {
    this.#state = 'silent'
    for (const socket of this.#sockets) socket.pause()
  }

  /** Everything goes through again; what was held back is lost with its connection. */
  restore(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#state = 'open'
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #connected(socket: Socket): void {
    this.#keep(socket)
    if (this.#state === 'cut' || this.targetPort === undefined) return void socket.destroy()
    if (this.#state === 'silent') return void socket.pause()
    const target = connect(this.targetPort, '127.0.0.1')
    this.#keep(target)
    socket.pipe(target).pipe(socket)
    socket.once('close', () => target.destroy())
    target.once('close', () => socket.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
