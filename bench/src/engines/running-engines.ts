import { workspaceRoot } from '@quarry/testkit'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type EngineName = 'cassandra' | 'redis' | 'rabbitmq'

const variables: Record<EngineName, string> = {
  cassandra: 'QUARRY_CASSANDRA',
  redis: 'QUARRY_REDIS',
  rabbitmq: 'QUARRY_RABBITMQ',
}

/** Engines of this bench's own for as long as `use` takes, each at the address that the services read. */
export async function withEngines<T>(
  names: readonly EngineName[],
  use: (address: Readonly<Record<EngineName, string>>) => Promise<T>,
): Promise<T> {
  const program = join(workspaceRoot(), 'tools', 'engines', 'main.mjs')
  const child = spawn(process.execPath, [program, 'up', '--only', names.join(',')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  try {
    const found = new Map<string, string>()
    for await (const line of createInterface({ input: child.stdout })) {
      const equals = line.indexOf('=')
      found.set(line.slice(0, equals), line.slice(equals + 1))
      if (names.every((name) => found.has(variables[name]))) break
    }
    const addressOf = (name: EngineName) => found.get(variables[name]) ?? ''
    if (names.some((name) => addressOf(name) === '')) throw new Error(`${names.join(', ')} did not start`)
    return await use({
      cassandra: addressOf('cassandra'),
      redis: addressOf('redis'),
      rabbitmq: addressOf('rabbitmq'),
    })
  } finally {
    child.kill('SIGTERM')
    await closed
  }
}
