import { CodedError, errorCodes, type ErrorCode } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import fc from 'fast-check'
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.ts'
import { CookieJar } from './cookie-jar.ts'
import { EventGate } from './event-gate.ts'
import { exitCodeOf, exitCodes, readErrorBody } from './exit-codes.ts'
import { lockFolder } from './folder-lock.ts'
import { Output, printable } from './output.ts'
import { Settings } from './settings.ts'
import { systemClock } from './system-clock.ts'
import { testIo } from '../test/test-io.ts'
import { TokenStore } from './token-store.ts'

const scratch = () => mkdtempSync(join(tmpdir(), 'cli-kit-'))

describe('exit codes', () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])(
    '%s never ends as success, and says whether trying again helps',
    (code) => {
      expect(exitCodeOf(code) === exitCodes.retryable).toBe(errorCodes[code].retryable)
      expect(exitCodeOf(code)).toBeGreaterThan(0)
    },
  )

  it('reads an error body of any shape without throwing', () => {
    fc.assert(fc.property(fc.anything(), (input) => void readErrorBody(input)))
    const newer = readErrorBody({ error: { code: 'made_up_later', message: 'No.' } })
    expect([newer?.code, newer?.message]).toEqual(['internal', 'No.'])
    expect(readErrorBody({ error: { code: 'toString', message: 'x' } })?.code).toBe('internal')
  })
})

describe('settings', () => {
  const dir = scratch()
  const settings = (env: Record<string, string>) => Settings.read({ QUARRY_CONFIG_DIR: dir, ...env })

  it('come from flags, then the environment, then the file', () => {
    writeFileSync(join(dir, 'config.json'), '{"server":"http://file","deny":["a.example"]}')
    expect(settings({ QUARRY_SERVER: 'http://env' }).server('http://flag')).toBe('http://flag')
    expect(settings({ QUARRY_SERVER: 'http://env' }).server(undefined)).toBe('http://env')
    expect(settings({}).server(undefined)).toBe('http://file')
    expect(settings({}).list([], 'QUARRY_DENY', 'deny')).toEqual(['a.example'])
    expect(settings({ QUARRY_DENY: 'b, c' }).list([], 'QUARRY_DENY', 'deny')).toEqual(['b', 'c'])
  })

  it.each(['localhost:8080', 'ftp://x', 'http://x/path', 'http://me:pw@x', 'nonsense'])(
    'refuse %s as a server',
    (server) => {
      expect(() => settings({}).server(server)).toThrow(expect.objectContaining({ exitCode: exitCodes.usage }))
    },
  )

  it.each(['0', '513', '3.5', '-1', '1e2', '', ' 3'])('refuse "%s" as a concurrency', (text) => {
    expect(() => settings({}).wholeNumber(text, { name: '--concurrency', min: 1, max: 512, fallback: 3 })).toThrow(
      expect.objectContaining({ exitCode: exitCodes.usage }),
    )
  })

  it('name the file that is damaged', () => {
    const broken = scratch()
    writeFileSync(join(broken, 'config.json'), '[]')
    expect(() => Settings.read({ QUARRY_CONFIG_DIR: broken })).toThrow(/config\.json/)
  })
})

describe('the token store', () => {
  it('keeps tokens per server, readable by their owner only', () => {
    const store = new TokenStore(join(scratch(), 'new'), 'program')
    store.save('http://a', 'one')
    store.save('http://b', 'two')
    expect([store.read('http://a'), store.read('http://b'), store.read('http://c')]).toEqual(['one', 'two', undefined])
    expect(statSync(store.path).mode & 0o777).toBe(0o600)
    chmodSync(store.path, 0o644)
    store.read('http://a')
    expect(statSync(store.path).mode & 0o777).toBe(0o600)
  })
})

describe('output', () => {
  it('writes sentences, or NDJSON, and notes to standard error', () => {
    for (const json of [false, true]) {
      const io = testIo()
      const output = new Output(io, systemClock, { json })
      output.event('thing', { n: 1, left: undefined }, 'one thing')
      output.block(['never in a pipe'])
      output.note('note')
      if (json) expect(JSON.parse(io.written.stdout)).toEqual({ event: 'thing', at: expect.any(String), n: 1 })
      else expect(io.written.stdout).toBe('one thing\n')
      expect(io.written.stderr).toBe('note\n')
    }
  })

  it('redraws its block below what is written, cut to the terminal', () => {
    const io = testIo({ tty: true })
    const output = new Output(io, systemClock, { json: false })
    output.block(['a'.repeat(100), 'b'])
    output.event('x', {}, 'line')
    expect(io.written.stdout).toBe(`${'a'.repeat(38)}…\nb\n\u001b[2A\u001b[0Jline\n${'a'.repeat(38)}…\nb\n`)
  })

  it('colours a terminal only, and not with NO_COLOR', () => {
    const painted = (options: Parameters<typeof testIo>[0]) =>
      new Output(testIo(options), systemClock, { json: false }).paint('red', 'x')
    expect(painted({ tty: true })).toBe('\u001b[31mx\u001b[0m')
    expect(painted({ tty: true, env: { NO_COLOR: '1' } })).toBe('x')
    expect(painted({})).toBe('x')
  })

  it('prints no control characters of a stranger', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028]/.test(printable(text)),
      ),
    )
    expect(printable('https://example.com/ä?q=✓')).toBe('https://example.com/ä?q=✓')
  })
})

describe('the rest', () => {
  it('waits 0.2 to 10 s between attempts, at least as long as the server wishes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(30_000), (chance, wish) => {
        const backoff = new Backoff({ next: () => chance })
        const delays = Array.from({ length: 12 }, () => backoff.nextMs())
        expect(delays[0]).toBeGreaterThanOrEqual(100)
        expect(delays[0]).toBeLessThanOrEqual(200)
        expect(Math.min(...delays.slice(6))).toBeGreaterThanOrEqual(5_000)
        expect(Math.max(...delays)).toBeLessThanOrEqual(10_000)
        expect(backoff.nextMs(wish)).toBeGreaterThanOrEqual(wish)
        backoff.reset()
        expect(backoff.nextMs()).toBeLessThanOrEqual(200)
      }),
    )
  })

  it('keeps cookies, replaces and deletes them', () => {
    const jar = new CookieJar()
    jar.keep(['a=1; Path=/; HttpOnly', 'b=2', 'nonsense'])
    jar.keep(['a=3', 'b=; Max-Age=0'])
    expect(jar.header()).toBe('a=3')
  })

  it('lets twenty events a second pass and sums up the others', () => {
    let fire: () => void = () => undefined
    const clock: Clock = { now: () => 0, after: (_, action) => ((fire = action), () => undefined) }
    const summaries: number[] = []
    const gate = new EventGate(clock, (heldBack) => summaries.push(heldBack))
    const passed = Array.from({ length: 50 }, () => gate.pass()).filter(Boolean)
    fire()
    expect([passed.length, summaries, gate.pass()]).toEqual([20, [30], true])
  })

  it('locks a folder once, and takes it over from the dead', () => {
    const folder = scratch()
    const release = lockFolder(folder, 'lock')
    expect(() => lockFolder(folder, 'lock')).toThrow(/already working/)
    release()
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: 'another life' }))
    lockFolder(folder, 'lock')()
    writeFileSync(join(folder, 'lock'), '')
    const last = lockFolder(folder, 'lock')
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    last()
  })

  it('turns a refusal into its words', () => {
    expect(readErrorBody({ error: { code: 'unavailable', message: 'Later.', retryAfterMs: 7 } })).toEqual(
      new CodedError('unavailable', 'Later.', { retryAfterMs: 7 }),
    )
  })
})
