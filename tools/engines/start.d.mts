import type { Engine } from './engine.mjs'

export type EngineName = 'redis' | 'rabbitmq' | 'cassandra' | 'traefik'

export const engineNames: EngineName[]

/** The variable by which services and tests find each engine; for Traefik, its program. */
export const engineVariables: Record<EngineName, string>

export interface EngineOptions {
  /** `heap` as Java takes it, 1g when not given; `beside`: a further node of the cluster that listens on these ports. */
  cassandra?: { heap?: string; beside?: { address: string; main: number; storage: number } }
  /** `dynamic`: the file of its routes; dynamic.yml in its folder when not given. */
  traefik?: { dynamic?: string }
}

export interface RunningEngines {
  folder: string
  engines: Partial<Record<EngineName, Engine>>
  env: Record<string, string>
  processes(): { name: string; pid: number | undefined; address: string }[]
  stop(): Promise<void>
}

export function prepareEngines(how?: {
  engines?: EngineName[]
  build?: boolean
  onLine?: (line: string) => void
}): Promise<{
  prepared: Partial<Record<EngineName, Record<string, string>>>
  missing: Partial<Record<EngineName, string>>
}>

export function startEngines(what?: {
  folder?: string
  engines?: EngineName[]
  keep?: boolean
  revive?: boolean
  options?: EngineOptions
  onLine?: (line: string) => void
}): Promise<RunningEngines>
