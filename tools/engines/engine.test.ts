import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runEngine, type EngineKind } from './engine.mjs'
import { openKeeper, type Keeper } from './keep.mjs'
import { freePorts } from './ports.mjs'

/** A program that listens and greets everybody. */
const greeter = `require('node:net').createServer((s) => s.end('hello')).listen(PORT, '127.0.0.1')`

/** A busy machine is slow, not broken. */
const patient = { timeout: 15_000 }

let folder: string
let keeper: Keeper

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-engine-test-'))
  keeper = openKeeper()
})

afterEach(async () => {
  await keeper.end({ gently: false })
  rmSync(folder, { recursive: true })
})

describe('an engine that starts', () => {
  test('answers on its port, which stays the same over restarts', async () => {
    const engine = await run({ program: greeter })
    const { main } = engine.ports
    const first = engine.pid
    await expect(greeting(main)).resolves.toBe('hello')
    await engine.restart()
    expect(engine.ports.main).toBe(main)
    expect(engine.pid).not.toBe(first)
    await expect(greeting(main)).resolves.toBe('hello')
  })

  test('has no process id once it is killed, and comes back by start', async () => {
    const engine = await run({ program: greeter })
    await engine.kill()
    expect(engine.pid).toBeUndefined()
    await expect(greeting(engine.ports.main)).rejects.toThrow('ECONNREFUSED')
    await engine.start()
    await expect(greeting(engine.ports.main)).resolves.toBe('hello')
  })

  test('is silent while it is paused, and can be stopped then', async () => {
    const engine = await run({ program: greeter })
    engine.pause()
    await expect(greeting(engine.ports.main, 300)).rejects.toThrow('silent')
    engine.resume()
    await expect(greeting(engine.ports.main)).resolves.toBe('hello')
    engine.pause()
    await engine.stop()
    expect(engine.pid).toBeUndefined()
  })

  test.each(['is killed', 'ends by itself'])('takes what it started along when it %s', async (how) => {
    const pidFile = join(folder, 'child.pid')
    const engine = await run({
      program: `
        const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
        require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))
        process.on('SIGUSR2', () => process.exit())
        ${greeter}`,
    })
    const child = Number(readFileSync(pidFile, 'utf8'))
    expect(isAlive(child)).toBe(true)
    if (how === 'is killed') await engine.kill()
    else process.kill(engine.pid!, 'SIGUSR2')
    await expect.poll(() => isAlive(child), patient).toBe(false)
  })

  test('takes other ports when another process was quicker', async () => {
    const engine = await run({
      program: `
        const { existsSync, writeFileSync } = require('node:fs')
        const tried = ${JSON.stringify(join(folder, 'tried'))}
        if (existsSync(tried)) { ${greeter} } else {
          writeFileSync(tried, String(PORT))
          console.error('Address already in use')
          process.exit(1)
        }`,
    })
    expect(engine.ports.main).not.toBe(Number(readFileSync(join(folder, 'tried'), 'utf8')))
    await expect(greeting(engine.ports.main)).resolves.toBe('hello')
  })
})

describe('what happens to it unasked', () => {
  test('is told: its end, but not the end that was ordered', async () => {
    const lost: (string | null)[] = []
    const engine = await run({ program: greeter, onLost: (_, { signal }) => lost.push(signal) })
    await engine.kill()
    await engine.start()
    expect(lost).toEqual([])
    process.kill(engine.pid!, 'SIGTERM')
    await expect.poll(() => lost, patient).toEqual(['SIGTERM'])
    expect(engine.pid).toBeUndefined()
  })

  test('is its end, when its keeper is killed', async () => {
    const pidFile = join(folder, 'keeper.pid')
    const engine = await run({
      program: `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.ppid)); ${greeter}`,
    })
    const pid = engine.pid!
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    await expect.poll(() => isAlive(pid), patient).toBe(false)
    await expect.poll(() => engine.pid, patient).toBeUndefined()
    expect(keeper.isEnding).toBe(true)
  })
})

describe('an engine that does not start', () => {
  test('is reported with its last words when it ends', async () => {
    const failing = run({ program: `console.error('no such disk'); process.exit(3)` })
    await expect(failing).rejects.toThrow(/fake ended while it was starting[^]*no such disk/)
  })

  test('is reported and ended when it never answers', async () => {
    const pidFile = join(folder, 'pid')
    const silent = run({
      program: `
        require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))
        console.log('still loading'); setInterval(() => {}, 1000)`,
      startLimitMs: 3_000,
    })
    await expect(silent).rejects.toThrow(/fake did not answer within 3 s \(.*ECONNREFUSED.*\)[^]*still loading/)
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false)
  })

  test('is reported when its program is not there', async () => {
    await expect(run({ program: '', command: join(folder, 'nothing') })).rejects.toThrow(
      /nothing could not be run.*ENOENT/,
    )
  })

  test('is told apart from a keeper that is gone', async () => {
    const gone = openKeeper()
    await gone.end()
    await expect(run({ program: greeter, by: gone })).rejects.toThrow('its keeper is gone')
  })
})

test('free ports are different, bindable and out of the way of outgoing connections', async () => {
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
  for (const port of ports) {
    expect(port).toBeLessThan(32_768)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Fake {
  program: string
  command?: string
  startLimitMs?: number
  by?: Keeper
  onLost?: Parameters<typeof runEngine>[0]['onLost']
}

function run({ program, command = process.execPath, startLimitMs = 10_000, by = keeper, onLost }: Fake) {
  const kind: EngineKind = {
    name: 'fake',
    variable: 'FAKE',
    ports: ['main'],
    startLimitMs,
    portTaken: /Address already in use/,
    prepare: () => Promise.resolve({}),
    configure: ({ ports }) => ({ command, args: ['-e', program.replaceAll('PORT', String(ports.main))], cwd: folder }),
    answers: async ({ main }) => {
      await greeting(main)
    },
    environment: ({ ports }) => ({ FAKE: String(ports.main) }),
  }
  return runEngine({ keeper: by, kind, prepared: {}, folder, ...(onLost && { onLost }) })
}

function greeting(port: number | undefined, limitMs = 5_000) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect(port ?? 0, '127.0.0.1')
    socket.setTimeout(limitMs, () => {
      socket.destroy()
      reject(new Error('silent'))
    })
    socket.on('data', (data) => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.on('error', reject)
  })
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    // One that has ended and waits to be asked about is gone for us.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
