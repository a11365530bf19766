import { Redis } from 'ioredis'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Redis of one test's own, which the test may kill. It keeps a log of its data, and nothing else. */
export class OwnRedis {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#folder = folder
  }

  static async start(...settings: string[]): Promise<OwnRedis> {
    const server = new OwnRedis(await freePort(), await mkdtemp(join(tmpdir(), 'quarry-redis-')))
    await server.startAgain(...settings)
    return server
  }

  async startAgain(...settings: string[]): Promise<void> {
    const port = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const log = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    this.#process = spawn('redis-server', [...port, ...log, ...settings], { stdio: 'ignore' })
    await once(this.#process, 'spawn')
    for (let round = 0; !(await this.#answers()); round += 1) {
      if (round > 200) throw new Error('redis-server does not answer')
      await sleep(20)
    }
  }

  /** Lets the test do to the server what no client does. */
  async administer(act: (admin: Redis) => Promise<unknown>): Promise<void> {
    const admin = new Redis(this.url)
    await act(admin)
    admin.disconnect()
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal)
  }

  async kill(): Promise<void> {
    const dead = this.#process && once(this.#process, 'exit')
    this.#process?.kill('SIGKILL')
    await dead
    this.#process = undefined
  }

  /** As on a machine whose disk was lost. */
  async loseData(): Promise<void> {
    await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true })
  }

  async remove(): Promise<void> {
    if (this.#process) await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    const probe = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
    let refusal = ''
    probe.on('error', (error: Error) => (refusal = error.message))
    try {
      await probe.connect()
      return true
    } catch {
      // Who asks for a password is there.
      return refusal.includes('NOAUTH')
    } finally {
      probe.disconnect()
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}
