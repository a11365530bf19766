import { type LIVE_PATH, type LiveEvent, PROTOCOL_VERSION, type ServerToBrowser } from '@quarry/contracts'
import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query'
import type { Socket } from 'socket.io-client'
import { keys, keysChangedBy } from '../http/keys.ts'
import { onSessionChange, refreshSession, sessionState } from '../http/session.ts'

/** Whether changes reach this page at once. `reconnecting` only when it lasts longer than a blink. */
export type LiveState = 'off' | 'live' | 'reconnecting'

// By type, so that the contract's schemas stay out of the browser's bundle.
const livePath: typeof LIVE_PATH = '/live'

const GATHER_MS = 250
const CALM_MS = 2000
const RETRY_MS = 1000

let state: LiveState = 'off'
const listeners = new Set<() => void>()

export function liveState(): LiveState {
  return state
}

/** Fits `useSyncExternalStore`. */
export function onLiveChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(next: LiveState): void {
  state = next
  for (const listener of listeners) listener()
}

/** Gathers events for a moment, so that a burst of runs reads each list once. */
function gatherer(cache: QueryClient): (event: LiveEvent) => void {
  const waiting = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (event) => {
    if (event.kind === 'import-progress') cache.setQueryData(keys.importProgress(event.importId), event)
    for (const key of keysChangedBy(event)) waiting.set(hashKey(key), key)
    timer ??= setTimeout(() => {
      timer = undefined
      for (const queryKey of waiting.values()) void cache.invalidateQueries({ queryKey })
      waiting.clear()
    }, GATHER_MS)
  }
}

async function connect(cache: QueryClient): Promise<Socket<ServerToBrowser>> {
  const { io } = await import('socket.io-client')
  const socket: Socket<ServerToBrowser> = io({
    path: livePath,
    transports: ['websocket', 'polling'],
    reconnectionDelayMax: 10_000,
    auth: (give) => {
      const session = sessionState()
      give({ protocol: PROTOCOL_VERSION, token: session.kind === 'signed-in' ? session.accessToken : '' })
    },
  })
  let worry: ReturnType<typeof setTimeout> | undefined
  let first = true
  // Its session was signed out elsewhere, above all; renewing it tells, and leads to the entrance.
  let turnedAway = false
  const broken = () => {
    worry ??= setTimeout(() => become('reconnecting'), CALM_MS)
  }
  // A server that turns a socket away (an expired token, above all) leaves it to us to come back, with a fresh token.
  const comeBack = () => {
    setTimeout(async () => {
      const session = sessionState()
      if (session.kind === 'signed-in' && (turnedAway || session.expiresAt - Date.now() < 5000)) await refreshSession()
      turnedAway = false
      if (socket.disconnected && !socket.active && sessionState().kind === 'signed-in') socket.connect()
    }, RETRY_MS)
  }
  socket.on('connect', () => {
    clearTimeout(worry)
    worry = undefined
    become('live')
    // What happened while nobody listened is not told again.
    if (!first) void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'run-preview' })
    first = false
  })
  socket.on('disconnect', (reason) => {
    if (reason === 'io client disconnect') return clearTimeout(worry)
    broken()
    if (!socket.active) comeBack()
  })
  socket.on('connect_error', () => {
    broken()
    if (!socket.active) comeBack()
  })
  socket.on('refused', () => (turnedAway = true))
  socket.on('event', gatherer(cache))
  return socket
}

/** Keeps one live connection while somebody is signed in, and reads again what changes. Call once. */
export function followLiveEvents(cache: QueryClient): void {
  let connected: Promise<Socket<ServerToBrowser>> | undefined
  const follow = () => {
    const { kind } = sessionState()
    if (kind === 'signed-in') connected ??= connect(cache)
    if (kind !== 'signed-out' || connected === undefined) return
    void connected.then((socket) => socket.disconnect())
    connected = undefined
    become('off')
  }
  onSessionChange(follow)
  follow()
}
