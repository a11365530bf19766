import { MAX_MESSAGE_BYTES } from '@quarry/contracts'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'socket.io'

/** How long a connection may stay without having signed in (promise 7). */
const SIGN_IN_MS = 4_500
/** What a peer gets to answer our goodbye before its connection is cut. */
const GOODBYE_MS = 250

/**
 * The socket.io servers of a process, one for each path, all on its one HTTP server. Browsers may connect only from an
 * allowed origin: the host that they ask, or one that the operator names.
 */
export class SocketServers {
  readonly #servers = new Map<string, Server>()
  readonly #upgraded = new Set<Duplex>()
  /** Upgraded TCP connections on which somebody has yet to sign in, by when. */
  readonly #silent = new Map<Duplex, NodeJS.Timeout>()
  /** Signed-in sessions that began by polling: an upgraded connection of theirs names them. */
  readonly #sessions = new Set<string>()
  readonly #http: () => HttpServer
  readonly #publicUrl: string | undefined
  #watching = false

  constructor(http: () => HttpServer, publicUrl: string | undefined) {
    this.#http = http
    this.#publicUrl = publicUrl
  }

  /** Opens the server at `path`; call once per path, before the process listens. */
  open<In extends object, Out extends object>(path: string): Server<In, Out> {
    const server = new Server(this.#http(), {
      path,
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: SIGN_IN_MS,
      destroyUpgrade: false,
      allowRequest: (request, decide) => decide(null, this.#originAllowed(request)),
    })
    server.on('connection', ({ conn, request }) => {
      if (!this.#expectNoMore(request.socket)) {
        this.#sessions.add(sessionOf(conn))
        conn.on('close', () => this.#sessions.delete(sessionOf(conn)))
      }
      // An idle connection would keep it, with all its headers, for as long as it stands.
      Reflect.set(conn, 'request', undefined)
    })
    this.#servers.set(path, server)
    this.#refuseOtherUpgrades()
    return server
  }

  /** Ends every connection, the silent ones too; the HTTP server itself stays. */
  async close(): Promise<void> {
    for (const server of this.#servers.values()) {
      server.disconnectSockets(true)
      server.engine.close()
    }
    const until = performance.now() + GOODBYE_MS
    while (this.#upgraded.size > 0 && performance.now() < until) await sleep(10)
    for (const socket of this.#upgraded) socket.destroy()
  }

  #originAllowed({ headers }: IncomingMessage): boolean {
    if (headers.origin === undefined) return true
    if (!URL.canParse(headers.origin)) return false
    const { host, origin } = new URL(headers.origin)
    return host === headers.host || (this.#publicUrl !== undefined && origin === new URL(this.#publicUrl).origin)
  }

  /** With several servers on one port none may destroy the others' upgrades, so the rest is destroyed here. */
  #refuseOtherUpgrades(): void {
    if (this.#watching) return
    this.#watching = true
    this.#http().on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      this.#expectSignIn(socket, new URLSearchParams(request.url?.split('?')[1]).get('sid') ?? '')
      if (![...this.#servers.keys()].some((known) => request.url?.startsWith(`${known}/`))) socket.destroy()
    })
  }

  /** socket.io ends who does not sign in too, but politely: a peer that never answers would stay for half a minute. */
  #expectSignIn(socket: Duplex, session: string): void {
    this.#upgraded.add(socket)
    const timer = setTimeout(() => {
      this.#silent.delete(socket)
      if (!this.#sessions.has(session)) socket.destroy()
    }, SIGN_IN_MS)
    this.#silent.set(socket, timer)
    socket.on('close', () => {
      this.#expectNoMore(socket)
      this.#upgraded.delete(socket)
    })
  }

  /** Whether somebody was yet to sign in on it. */
  #expectNoMore(socket: Duplex): boolean {
    clearTimeout(this.#silent.get(socket))
    return this.#silent.delete(socket)
  }
}

/** The type hides the name. */
function sessionOf(conn: object): string {
  return String(Reflect.get(conn, 'id'))
}
