import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failure, page, ResultsPeer } from './results-peer.ts'
import { client, filesOf, killAll, manifest, scratch, until } from './run-client.ts'

let peer: ResultsPeer
let out: string

beforeEach(async () => {
  peer = await ResultsPeer.start()
  out = join(scratch(), 'results')
})
afterEach(async () => {
  killAll()
  await peer.stop()
})

const pull = (...args: string[]) => client(['pull', '--server', peer.url, '--out', out, ...args])
const text = (value: string) => Buffer.from(value)

describe('a pull', () => {
  it('writes each body byte for byte, its metadata and its log line, and acknowledges', async () => {
    const binary = randomBytes(3_000)
    peer.add(
      page('a', 0, text('<p>hello</p>')),
      page('a', 1, binary, { type: 'application/octet-stream', identity: true }),
      failure('a', 2),
      page('b', 7, text('{}'), { type: 'application/json' }),
      page('b', 8, new Uint8Array(0), { identity: true }),
    )
    const { code, stdout } = await pull('--once').ended
    expect(code).toBe(0)
    expect(stdout).toContain('up to date: 4 pages, 1 failures')
    const lines = manifest(out)
    expect(lines.map((line) => line.jobId)).toEqual(['a:0', 'a:1', 'a:2', 'b:7', 'b:8'])
    const [first, second, failed, third, empty] = lines
    expect(first?.file).toMatch(/^a\/000000000-[0-9a-f]{12}\.html$/)
    expect(readFileSync(join(out, first?.file ?? ''), 'utf8')).toBe('<p>hello</p>')
    expect(readFileSync(join(out, second?.file ?? '')).equals(binary)).toBe(true)
    expect(failed).toMatchObject({ metadataFile: 'a/000000002-failed.meta.json', outcome: { reason: 'timed_out' } })
    expect(failed?.file).toBeUndefined()
    expect(third?.file).toMatch(/\.json$/)
    expect(readFileSync(join(out, empty?.file ?? '')).length).toBe(0)
    for (const line of lines) expect(JSON.parse(readFileSync(join(out, line.metadataFile), 'utf8'))).toEqual(line)
    await until(() => peer.acked.at(-1) === '4')
    expect(filesOf(join(out, '.incoming'))).toEqual([])
    expect(filesOf(out)).toEqual(['.incoming', '.result-client.json', 'a', 'b', 'manifest.jsonl'])
  })

  it('goes on after the last line, without asking for anything twice', async () => {
    peer.add(page('a', 0, text('0')))
    await pull('--once').ended
    peer.add(page('a', 1, text('1')))
    expect((await pull('--once').ended).code).toBe(0)
    expect(peer.hellos.map((hello) => hello.after)).toEqual([undefined, '0'])
    expect(manifest(out).map((line) => line.rep)).toEqual([0, 1])
  })

  it('takes bodies in chunks', async () => {
    const large = randomBytes(900_000)
    peer.add(page('a', 0, text('x')), page('a', 1, large), page('a', 2, text('y')))
    expect((await pull('--once').ended).code).toBe(0)
    expect(readFileSync(join(out, manifest(out)[1]?.file ?? '')).equals(large)).toBe(true)
  })

  it('comes back by itself after a lost connection, with the sticky cookie, and loses and doubles nothing', async () => {
    peer.batch = 5
    const running = pull('--json')
    for (let rep = 0; rep < 300; rep++) {
      peer.add(page('a', rep, randomBytes(2_000)))
      if (rep === 60 || rep === 140) {
        await until(() => peer.acked.length > 0 && peer.hellos.length > (rep === 140 ? 1 : 0))
        peer.dropAll()
      }
    }
    await until(() => peer.acked.at(-1) === '299')
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
    expect(manifest(out).map((line) => line.rep)).toEqual(Array.from({ length: 300 }, (_, rep) => rep))
    expect(peer.cookies.at(-1)).toContain('sticky=here')
    const events = (await running.ended).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string })
    expect(events.filter(({ event }) => event === 'result')).toHaveLength(300)
    expect(events.filter(({ event }) => event === 'disconnected').length).toBeGreaterThan(0)
  })

  it('survives kill -9 at any moment: no loss, no double line, no torn file', async () => {
    peer.batch = 7
    peer.add(
      ...Array.from({ length: 600 }, (_, rep) => page(`o${rep % 3}`, rep, Buffer.from(`body ${rep} `.repeat(500)))),
    )
    for (const delayMs of [5, 25, 60, 120]) {
      const seen = peer.hellos.length
      const running = pull()
      await until(() => peer.hellos.length > seen)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      running.child.kill('SIGKILL')
      await running.ended
      const acked = Number(peer.acked.at(-1) ?? -1)
      const known = existsSync(join(out, 'manifest.jsonl'))
        ? readFileSync(join(out, 'manifest.jsonl'), 'utf8').split('\n').length - 1
        : 0
      expect(known).toBeGreaterThan(acked)
    }
    expect((await pull('--once').ended).code).toBe(0)
    const lines = manifest(out)
    expect(lines.map((line) => line.rep)).toEqual(Array.from({ length: 600 }, (_, rep) => rep))
    for (const line of lines) {
      expect(readFileSync(join(out, line.file ?? ''), 'utf8')).toBe(`body ${line.rep} `.repeat(500))
    }
    expect(filesOf(join(out, '.incoming'))).toEqual([])
    expect(filesOf(join(out, 'o1'))).toHaveLength(400)
  })

  it('cuts a torn last line off and gets its result again', async () => {
    peer.add(page('a', 0, text('0')), page('a', 1, text('1')))
    await pull('--once').ended
    const path = join(out, 'manifest.jsonl')
    const [first = '', second = ''] = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, `${first}\n${second.slice(0, 40)}`)
    writeFileSync(join(out, '.incoming', '3'), 'half')
    expect((await pull('--once').ended).code).toBe(0)
    expect(manifest(out).map((line) => line.rep)).toEqual([0, 1])
    expect(filesOf(join(out, '.incoming'))).toEqual([])
  })

  it('keeps selections apart and never stores a job twice', async () => {
    peer.add(page('a', 0, text('0')), page('b', 0, text('1')), page('a', 1, text('2')))
    expect((await pull('--once', '--order', 'a').ended).code).toBe(0)
    expect(peer.hellos.at(-1)?.orderId).toBe('a')
    expect(manifest(out).map((line) => line.jobId)).toEqual(['a:0', 'a:1'])
    expect((await pull('--once').ended).code).toBe(0)
    expect(peer.hellos.at(-1)?.after).toBeUndefined()
    expect(manifest(out).map((line) => line.jobId)).toEqual(['a:0', 'a:1', 'b:0'])
    expect((await pull('--once', '--order', 'a').ended).code).toBe(0)
    expect(peer.hellos.at(-1)?.after).toBe('2')
    expect(manifest(out)).toHaveLength(3)
  })
})

describe('a damaged body', () => {
  it('is asked for again and stored when it comes whole', async () => {
    peer.add(page('a', 0, text('0'.repeat(500))), page('a', 1, text('1'.repeat(500))), page('a', 2, text('2')))
    peer.damage.set(1, 2)
    const { code, stderr } = await pull('--once').ended
    expect(code).toBe(0)
    expect(stderr.match(/: the body arrived damaged/g)).toHaveLength(2)
    expect(peer.hellos.map((hello) => hello.after)).toEqual([undefined, '0', '0'])
    expect(manifest(out).map((line) => line.rep)).toEqual([0, 1, 2])
  })

  it('is given up after three tries, recorded, never acknowledged; the next pull goes on behind it', async () => {
    peer.add(page('a', 0, text('0')), page('a', 1, text('1'.repeat(500))), page('a', 2, text('2')))
    peer.damage.set(1, 3)
    const { code, stderr } = await pull('--once').ended
    expect(code).toBe(5)
    expect(stderr).toContain('damaged_body')
    expect(peer.acked).not.toContain('1')
    expect(manifest(out).at(-1)).toMatchObject({ rep: 1, damaged: true })
    expect(manifest(out).at(-1)?.file).toBeUndefined()
    expect((await pull('--once').ended).code).toBe(0)
    expect(manifest(out).map((line) => line.rep)).toEqual([0, 1, 2])
  })
})

describe('the folder', () => {
  it('is not left through a link', async () => {
    const elsewhere = scratch()
    mkdirSync(out, { recursive: true })
    symlinkSync(elsewhere, join(out, 'a'))
    peer.add(page('a', 0, text('0')))
    const { code, stderr } = await pull('--once').ended
    expect(code).toBe(7)
    expect(stderr).toContain(`${join(out, 'a')} is a link`)
    expect(filesOf(elsewhere)).toEqual([])
    expect(peer.acked).toEqual([])
  })

  it.each(['manifest.jsonl', '.incoming'])('refuses a link as %s', async (name) => {
    const elsewhere = scratch()
    mkdirSync(out, { recursive: true })
    symlinkSync(name === '.incoming' ? elsewhere : join(elsewhere, 'x'), join(out, name))
    expect((await pull('--once').ended).code).toBe(7)
    expect(filesOf(elsewhere)).toEqual([])
  })

  it('belongs to one pull at a time, and a dead one leaves it free', async () => {
    const first = pull()
    await until(() => peer.hellos.length === 1)
    const second = await pull('--once').ended
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`Process ${first.child.pid} is already working`)
    first.child.kill('SIGKILL')
    await first.ended
    expect((await pull('--once').ended).code).toBe(0)
  })

  it('is not mixed with the results of another server', async () => {
    await pull('--once').ended
    const other = await ResultsPeer.start()
    const { code, stderr } = await client(['pull', '--once', '--server', other.url, '--out', out]).ended
    await other.stop()
    expect(code).toBe(2)
    expect(stderr).toContain('foreign_folder')
  })

  it('leaves a manifest.jsonl of somebody else alone', async () => {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'manifest.jsonl'), '{"name":"mine"}\n')
    expect((await pull('--once').ended).code).toBe(7)
    expect(readFileSync(join(out, 'manifest.jsonl'), 'utf8')).toBe('{"name":"mine"}\n')
  })

  it('says with path and reason that it cannot be written', async () => {
    appendFileSync(out, 'a file')
    const { code, stderr } = await pull('--once').ended
    expect(code).toBe(7)
    expect(stderr).toContain(out)
    rmSync(out)
  })

  it('keeps --min-free free', async () => {
    peer.add(page('a', 0, text('0')))
    const { code, stderr } = await pull('--once', '--min-free', '9999T').ended
    expect(code).toBe(8)
    expect(stderr).toContain('nothing is lost')
    expect(manifest(out)).toEqual([])
  })
})

describe('ends', () => {
  it('tells a wrong token from a missing one', async () => {
    const wrong = await client(['pull', '--server', peer.url, '--out', out], { env: { QUARRY_TOKEN: 'bad' } }).ended
    expect([wrong.code, wrong.stderr.includes('token_invalid')]).toEqual([4, true])
    const none = await client(['pull', '--server', peer.url], { env: { QUARRY_TOKEN: '' } }).ended
    expect([none.code, none.stderr.includes('not_signed_in')]).toEqual([4, true])
  })

  it('says politely that it is too old', async () => {
    peer.refuse = { error: { code: 'protocol_unsupported', message: 'This client speaks protocol 1.' } }
    const { code, stderr } = await pull().ended
    expect(code).toBe(7)
    expect(stderr).toContain('Please update this program')
  })

  it('tries a retryable refusal again', async () => {
    peer.refuse = { error: { code: 'unavailable', message: 'Not now.' } }
    const running = pull('--once')
    await until(() => peer.cookies.length > 1)
    peer.refuse = undefined
    expect((await running.ended).code).toBe(0)
  })

  it('keeps a token given on standard input, for its owner only', async () => {
    const config = scratch()
    const env = { QUARRY_CONFIG_DIR: config, QUARRY_TOKEN: '' }
    const login = await client(['login', '--token-stdin', '--server', peer.url], { env, stdin: 'good-token\n' }).ended
    expect(login.code).toBe(0)
    expect((await client(['pull', '--once', '--server', peer.url, '--out', out], { env }).ended).code).toBe(0)
  })

  it('is quiet when its reader goes away', async () => {
    const running = pull('--json')
    await until(() => peer.hellos.length === 1)
    running.child.stdout?.destroy()
    for (let rep = 0; rep < 50; rep++) peer.add(page('a', rep, text(String(rep))))
    expect((await running.ended).code).toBe(0)
    const { stderr } = await running.ended
    expect(stderr).toBe('')
  })
})
