import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { engineNames, prepareEngines, startEngines } from './start.mjs'

const tool = join(import.meta.dirname, 'main.mjs')
const execute = promisify(execFile)
const { missing } = await prepareEngines({ engines: ['redis'] })
const redis = missing.redis === undefined ? describe : describe.skip

/** A busy machine is slow, not broken. */
const patient = { timeout: 15_000 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-engines-test-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

redis(`with redis-server${missing.redis ? ` (skipped: ${missing.redis})` : ''}`, () => {
  test('a restart keeps the port and the data, and a kill what was written', async () => {
    const running = await startEngines({ folder, engines: ['redis'] })
    try {
      const engine = running.engines.redis!
      const port = engine.ports.main!
      expect(running.env).toEqual({ QUARRY_ENGINES: 'cluster', QUARRY_REDIS: `redis://127.0.0.1:${port}` })
      expect(await command(port, 'SET first 1')).toBe('+OK')
      await engine.restart()
      expect(engine.ports.main).toBe(port)
      expect(await command(port, 'GET first')).toMatch(/\$1\s+1/)
      await engine.kill()
      await expect(command(port, 'PING')).rejects.toThrow('ECONNREFUSED')
      await engine.start()
      expect(await command(port, 'GET first')).toMatch(/\$1\s+1/)
    } finally {
      await running.stop()
    }
    expect(existsSync(join(folder, 'redis', 'data'))).toBe(true)
  })

  test('a scratch folder goes with its engines', async () => {
    const running = await startEngines({ engines: ['redis'] })
    expect(existsSync(running.folder)).toBe(true)
    await running.stop()
    expect(existsSync(running.folder)).toBe(false)
    await expect(command(running.engines.redis!.ports.main!, 'PING')).rejects.toThrow('ECONNREFUSED')
  })

  test('a folder whose engines run is refused, and free again after their end', async () => {
    const running = await startEngines({ folder, engines: ['redis'] })
    await expect(startEngines({ folder, engines: ['redis'] })).rejects.toThrow(
      `run already. They belong to process ${process.pid} and end with it.`,
    )
    await running.stop()
    await (await startEngines({ folder, engines: ['redis'] })).stop()
  })

  test('an engine that dies is started again where that is wanted', async () => {
    const lines: string[] = []
    const running = await startEngines({ engines: ['redis'], revive: true, onLine: (line) => lines.push(line) })
    try {
      const [before] = running.processes()
      process.kill(before!.pid!, 'SIGKILL')
      await expect.poll(() => lines.at(-1), patient).toMatch(/^redis is back, process \d+$/)
      const [after] = running.processes()
      expect(after).toEqual({ ...before, pid: expect.any(Number) as number })
      expect(after!.pid).not.toBe(before!.pid)
      expect(await command(running.engines.redis!.ports.main!, 'PING')).toBe('+PONG')
    } finally {
      await running.stop()
    }
    expect(lines.filter((line) => line.includes('starting it again'))).toHaveLength(1)
  })

  test('a starter that is killed takes its engines along', async () => {
    const starter = spawn(process.execPath, [tool, 'up', '--only', 'redis'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const port = await announcedPort(starter.stdout)
    expect(await command(port, 'PING')).toBe('+PONG')
    const data = (await command(port, 'CONFIG GET dir')).split('\r\n').find((line) => line.startsWith('/'))!
    starter.kill('SIGKILL')
    await expect.poll(() => refuses(port), patient).toBe(true)
    await expect.poll(() => existsSync(data), patient).toBe(false)
  })

  test('the command stops what it started on SIGINT, and says so by its exit code', async () => {
    const starter = spawn(process.execPath, [tool, 'up', '--only', 'redis'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = new Promise((resolve) => starter.once('exit', resolve))
    const port = await announcedPort(starter.stdout)
    starter.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(await refuses(port)).toBe(true)
  })

  test('kept engines outlive their starter, until they are stopped by their folder', async () => {
    const { stdout } = await execute(process.execPath, [tool, 'up', '--only', 'redis', '--folder', folder, '--keep'])
    const port = portIn(stdout)!
    expect(await command(port, 'PING')).toBe('+PONG')
    const { stderr } = await execute(process.execPath, [tool, 'down', '--folder', folder])
    expect(stderr).toBe('Stopped redis.\n')
    expect(await refuses(port)).toBe(true)
  })

  test('stopping by folder spares a process that only has the id of one that ran there', async () => {
    const { stdout } = await execute(process.execPath, [tool, 'up', '--only', 'redis', '--folder', folder, '--keep'])
    const record = join(folder, 'engines.json')
    const right = readFileSync(record, 'utf8')
    writeFileSync(record, right.replace(/\d{4}"/, '1999"'))
    const wrong = await execute(process.execPath, [tool, 'down', '--folder', folder])
    expect(wrong.stderr).toBe('Nothing runs there.\n')
    expect(await command(portIn(stdout)!, 'PING')).toBe('+PONG')
    writeFileSync(record, right)
    await execute(process.execPath, [tool, 'down', '--folder', folder])
    expect(await refuses(portIn(stdout)!)).toBe(true)
  })

  test('stopping by folder leaves engines alone that belong to a process', async () => {
    const running = await startEngines({ folder, engines: ['redis'] })
    await expect(execute(process.execPath, [tool, 'down', '--folder', folder])).rejects.toMatchObject({
      stderr: `They belong to process ${process.pid} and end with it.\n`,
    })
    expect(await command(running.engines.redis!.ports.main!, 'PING')).toBe('+PONG')
    await running.stop()
  })
})

describe('what a machine lacks', () => {
  test('is said for each engine with the way to get it', async () => {
    for (const name of ['PATH', 'JAVA_HOME', 'QUARRY_TRAEFIK_BINARY']) vi.stubEnv(name, '')
    const { prepared, missing: reasons } = await prepareEngines({ engines: ['redis', 'rabbitmq'] })
    expect(prepared).toEqual({})
    expect(reasons).toEqual({
      redis: 'redis-server is not installed (Debian: apt-get install redis-server)',
      rabbitmq: expect.stringContaining('apt-get install') as string,
    })
    await expect(startEngines({ folder, engines: ['redis', 'rabbitmq'] })).rejects.toThrow(
      /redis-server is not installed[^]*apt-get install/,
    )
  })

  test('an unknown engine is refused by name', async () => {
    const run = execute(process.execPath, [tool, 'prepare', '--only', 'postgres'])
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: `There is no engine postgres; there are ${engineNames.join(', ')}.\n`,
    })
  })
})

/** Sends one command and resolves with the whole reply, trimmed. */
function command(port: number, line: string) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`))
    socket.on('data', (data) => {
      socket.destroy()
      resolve(data.toString().trim())
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
  })
}

async function refuses(port: number) {
  return command(port, 'PING').then(
    () => false,
    () => true,
  )
}

async function announcedPort(output: AsyncIterable<Buffer>) {
  let said = ''
  for await (const chunk of output) {
    said += chunk.toString()
    const port = portIn(said)
    if (port !== undefined) return port
  }
  throw new Error(`no address was printed: ${said}`)
}

function portIn(text: string) {
  const port = /QUARRY_REDIS=redis:\/\/127\.0\.0\.1:(\d+)\n/.exec(text)?.[1]
  return port === undefined ? undefined : Number(port)
}
