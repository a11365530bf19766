import type { Keeper, Program } from './keep.mjs'

export type Ports = Record<string, number>

/** Where an engine lives and what it is made of. */
export interface Placement {
  prepared: object
  folder: string
  ports: Ports
  options?: object
}

/** What there is to know about one sort of engine; redis.mjs is the shortest example. */
export interface EngineKind {
  name: string
  /** The variable that says where it is, or which program it is. */
  variable: string
  /** Names of the ports it needs; `main` is the one for clients. */
  ports: string[]
  startLimitMs: number
  /** What its log says when another process has one of its ports. */
  portTaken: RegExp
  prepare(how: { build: boolean; onLine: (line: string) => void }): Promise<object>
  configure(placement: Placement): Omit<Program, 'log'>
  /** Rejects as long as it is not ready for work. */
  answers(ports: Ports, placement: Placement): Promise<void>
  environment(placement: Placement): Record<string, string>
}

/** An engine that was started. Its ports, data and environment are the same for its whole life, restarts included. */
export interface Engine {
  readonly name: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  readonly ports: Ports
  readonly env: Record<string, string>
  readonly log: string
  kill(): Promise<void>
  stop(): Promise<void>
  pause(): void
  resume(): void
  start(): Promise<void>
  restart(): Promise<void>
}

export function runEngine(what: {
  keeper: Keeper
  kind: EngineKind
  prepared: object
  folder: string
  options?: object
  onLost?: (engine: Engine, how: { code: number | null; signal: string | null }) => void
}): Promise<Engine>
