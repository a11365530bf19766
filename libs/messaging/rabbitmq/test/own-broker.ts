import { fileURLToPath } from 'node:url'

/** A broker of a test's own, which it may treat badly. */
export interface OwnBroker {
  readonly env: { readonly QUARRY_RABBITMQ: string }
  /** Starts it again on its port and data, and resolves when it answers. */
  start(): Promise<void>
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** Freezes it: its connections stay open and nobody answers. */
  pause(): void
  resume(): void
  /** Ends it for good; its data goes, too. */
  remove(): Promise<void>
}

interface EnginesTool {
  startEngines(what: {
    readonly engines: readonly ['rabbitmq']
  }): Promise<{ readonly engines: { readonly rabbitmq: Omit<OwnBroker, 'remove'> }; stop(): Promise<void> }>
}

/** Starts a broker by the project's own tool; at the latest it ends with this process. */
export async function startOwnBroker(): Promise<OwnBroker> {
  const tool = fileURLToPath(new URL('../../../../tools/engines/start.mjs', import.meta.url))
  const { startEngines } = (await import(/* @vite-ignore */ tool)) as EnginesTool
  const { engines, stop } = await startEngines({ engines: ['rabbitmq'] })
  return Object.assign(engines.rabbitmq, { remove: stop })
}
