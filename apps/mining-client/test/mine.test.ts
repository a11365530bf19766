import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bodyOf, MiningPeer } from './mining-peer.ts'
import { client, killAll, scratch, until } from './run-client.ts'

let peer: MiningPeer
let site: Server
let siteUrl: string
let data: string
const large = randomBytes(700_000)
const held: ServerResponse[] = []
let requests = 0

beforeAll(async () => {
  site = createServer((request, response) => {
    if (request.url === '/robots.txt') return response.writeHead(404).end()
    requests++
    if (request.url === '/held') return held.push(response)
    if (request.url === '/large') return response.writeHead(200, { 'content-type': 'image/png' }).end(large)
    response
      .writeHead(request.url === '/missing' ? 404 : 200, { 'content-type': 'text/html' })
      .end(`page ${request.url}`)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterAll(() => {
  site.closeAllConnections()
  site.close()
})
beforeEach(async () => {
  requests = 0
  peer = await MiningPeer.start()
  data = join(scratch(), 'data')
})
afterEach(async () => {
  killAll()
  await peer.stop()
})

const mine = (...args: string[]) =>
  client(['mine', '--server', peer.url, '--data', data, '--allow-address', '127.0.0.0/8', ...args])

describe('mining', () => {
  it('fetches, submits, logs every URL and drains at Ctrl-C', async () => {
    peer.add(...Array.from({ length: 40 }, (_, n) => `${siteUrl}/${n}`), `${siteUrl}/missing`)
    const running = mine('--concurrency', '8', '--json')
    await until(() => peer.accepted.length === 41)
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(0)
    expect(stderr).toContain('this is what mining means')
    expect(peer.mostOutstanding).toBeLessThanOrEqual(8)
    await until(() => peer.capacities.includes(0))
    const first = peer.accepted.find(
      ({ submission }) => submission.outcome.kind === 'page' && submission.outcome.finalUrl === `${siteUrl}/7`,
    )
    expect(first && String(await bodyOf(first))).toBe('page /7')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; pages?: number; coins?: number })
    expect(events.at(-1)).toMatchObject({ event: 'ended', pages: 41, coins: 123 })
    const history = await client(['history', '--json', '--data', data, '--limit', '100']).ended
    const lines = history.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { url: string; status: number })
    expect(new Set(lines.map(({ url }) => url)).size).toBe(41)
    expect(lines.find(({ url }) => url.endsWith('/missing'))).toMatchObject({
      status: 404,
      verdict: 'accepted',
      coins: 3,
    })
    const status = await client(['status', '--json', '--data', data]).ended
    expect(JSON.parse(status.stdout)).toMatchObject({ running: false, pages: 41, total: { coins: 123 } })
  })

  it('keeps its device id, tells what mining means once, and keeps its files to itself', async () => {
    peer.add(`${siteUrl}/1`, `${siteUrl}/2`)
    const first = await mine('--once').ended
    const second = await mine('--max-pages', '1').ended
    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.stderr).toContain('this is what mining means')
    expect(second.stderr).not.toContain('this is what mining means')
    expect(peer.hellos[1]?.deviceId).toBe(peer.hellos[0]?.deviceId)
    expect(statSync(data).mode & 0o077).toBe(0)
    expect(peer.accepted).toHaveLength(2)
  })

  it('sends a large body in chunks', async () => {
    peer.add(`${siteUrl}/large`)
    await mine('--once').ended
    const [received] = peer.accepted
    expect(received?.submission.chunked).toBe(true)
    expect(received && (await bodyOf(received)).equals(large)).toBe(true)
  })

  it('refuses addresses that are not public, unless its owner allows them', async () => {
    peer.add(`${siteUrl}/1`)
    const { code } = await client(['mine', '--once', '--server', peer.url, '--data', data]).ended
    expect(code).toBe(0)
    expect(peer.accepted[0]?.submission.outcome).toMatchObject({ kind: 'failure', reason: 'address_forbidden' })
    expect(requests).toBe(0)
  })

  it('does not fetch from an excluded host', async () => {
    peer.add(`${siteUrl}/1`)
    await mine('--once', '--deny', '127.0.0.1').ended
    expect(peer.accepted[0]?.submission.outcome).toMatchObject({ kind: 'failure', reason: 'host_excluded' })
    expect(requests).toBe(0)
  })
})

describe('a result', () => {
  it('is sent again when the server puts it off, and forgotten when it is stale', async () => {
    const seen = new Map<string, number>()
    peer.judge = ({ submission }) => {
      const times = (seen.get(submission.jobId) ?? 0) + 1
      seen.set(submission.jobId, times)
      if (submission.outcome.kind === 'page' && submission.outcome.finalUrl.endsWith('/stale')) return 'stale'
      return times < 3 ? 'later' : 'accepted'
    }
    peer.add(`${siteUrl}/1`, `${siteUrl}/stale`, `${siteUrl}/2`)
    const { code } = await mine('--max-pages', '3').ended
    expect(code).toBe(0)
    expect([...seen.values()].sort()).toEqual([1, 3, 3])
    expect(peer.accepted).toHaveLength(2)
    expect(requests).toBe(3)
  })

  it('survives lost connections: what has no verdict is announced and sent again', async () => {
    let drops = 0
    peer.judge = () => {
      if (drops < 3 && peer.accepted.length >= drops * 20) {
        drops++
        setImmediate(() => peer.dropAll())
        return 'silent'
      }
      return 'accepted'
    }
    peer.add(...Array.from({ length: 100 }, (_, n) => `${siteUrl}/${n}`))
    const running = mine('--concurrency', '5')
    const tokens = () => new Set(peer.accepted.map(({ submission }) => submission.token))
    await until(() => tokens().size === 100)
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
    expect(peer.hellos.length).toBe(4)
    expect(peer.hellos[1]?.holding.length).toBeGreaterThan(0)
    expect(requests).toBe(100)
  })
})

describe('stopping', () => {
  it('finishes what is in hand at the first Ctrl-C', async () => {
    peer.add(`${siteUrl}/held`)
    const running = mine()
    await until(() => held.length === 1)
    running.child.kill('SIGINT')
    await until(() => peer.capacities.includes(0))
    peer.emit('assign', [])
    held.pop()?.end('at last')
    expect((await running.ended).code).toBe(0)
    expect(peer.accepted).toHaveLength(1)
  })

  it('hands jobs back that arrive while it finishes', async () => {
    peer.add(`${siteUrl}/held`)
    const running = mine('--concurrency', '2')
    await until(() => held.length === 1)
    running.child.kill('SIGTERM')
    await until(() => peer.capacities.includes(0))
    peer.emit('assign', [
      {
        jobId: 'late:1',
        token: 'late',
        attempt: 1,
        url: `${siteUrl}/late`,
        hostGapMs: 0,
        leaseMs: 1000,
        maxBodyBytes: 1,
        dueAt: 1,
        traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      },
    ])
    await until(() => peer.handedBack.includes('late'))
    held.pop()?.end('at last')
    expect((await running.ended).code).toBe(0)
  })

  it('stops at once at the second Ctrl-C', async () => {
    peer.add(`${siteUrl}/held`)
    const running = mine()
    await until(() => held.length === 1)
    running.child.kill('SIGINT')
    await until(() => peer.capacities.includes(0))
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    held.pop()?.destroy()
  })

  it('leaves the folder free after kill -9', async () => {
    const running = mine()
    await until(() => peer.hellos.length === 1)
    const busy = await mine('--once').ended
    expect(busy.code).toBe(1)
    running.child.kill('SIGKILL')
    await running.ended
    peer.add(`${siteUrl}/1`)
    expect((await mine('--once').ended).code).toBe(0)
    expect(peer.hellos.at(-1)?.holding).toEqual([])
  })

  it('finishes and ends when the program that started it is gone', async () => {
    const running = client(['mine', '--server', peer.url, '--data', data], { channel: true })
    await until(() => peer.hellos.length === 1)
    const exited = once(running.child, 'exit')
    running.child.disconnect()
    expect(await exited).toEqual([0, null])
  })

  it('is quiet when its reader goes away', async () => {
    const running = mine('--json')
    await until(() => peer.hellos.length === 1)
    running.child.stdout?.destroy()
    peer.add(`${siteUrl}/1`, `${siteUrl}/2`)
    const { code, stderr } = await running.ended
    expect(code).toBe(0)
    expect(stderr).not.toContain('EPIPE')
  })
})

describe('refusals', () => {
  it('tells a wrong call from a missing token', async () => {
    expect((await mine('--concurrency', '513').ended).code).toBe(2)
    expect((await mine('--deny', 'http://x').ended).code).toBe(2)
    expect((await mine('--allow-address', 'home').ended).code).toBe(2)
    expect((await mine('--nonsense').ended).code).toBe(2)
    const none = await client(['mine', '--server', peer.url, '--data', data], { env: { QUARRY_TOKEN: '' } }).ended
    expect(none.code).toBe(4)
    expect(existsSync(data)).toBe(false)
  })

  it.each([
    ['protocol_unsupported', 7],
    ['scope_missing', 4],
    ['forbidden', 4],
  ] as const)('ends at %s with %i', async (code, exitCode) => {
    peer.refuse = { error: { code, message: 'No.' } }
    const ended = await mine().ended
    expect(ended.code).toBe(exitCode)
    expect(ended.stderr).toContain(code)
  })

  it('warns about many jobs at once', async () => {
    peer.add(`${siteUrl}/1`)
    expect((await mine('--once', '--concurrency', '30').ended).stderr).toContain('30 jobs at once')
  })

  it('summarises when there is much to say', async () => {
    peer.add(...Array.from({ length: 200 }, (_, n) => `${siteUrl}/${n}`))
    const { stdout } = await mine('--concurrency', '20', '--max-pages', '200').ended
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.startsWith('fetched')).length).toBeLessThan(200)
    expect(stdout).toContain('more jobs: ')
    expect(readFileSync(join(data, 'history.jsonl'), 'utf8').trim().split('\n')).toHaveLength(200)
  })
})
