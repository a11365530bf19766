import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

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
}

interface EnginesTool {
  startEngines(what: {
    readonly engines: readonly ['rabbitmq']
  }): Promise<{ readonly engines: { readonly rabbitmq: OwnBroker }; stop(): Promise<void> }>
}

/** Starts a broker by the project's own tool; it ends with the test. */
export async function startOwnBroker(): Promise<OwnBroker> {
  const tool = fileURLToPath(new URL('../../../../tools/engines/engines.mjs', import.meta.url))
  const { startEngines } = (await import(/* @vite-ignore */ tool)) as EnginesTool
  const { engines, stop } = await startEngines({ engines: ['rabbitmq'] })
  onTestFinished(() => stop())
  return engines.rabbitmq
}
