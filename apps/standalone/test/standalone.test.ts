import { AppProcess, StandaloneProcess, testEnv, waitUntil } from '@quarry/testkit'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

let folder: string
const processes: AppProcess[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quarry-standalone-'))))
afterEach(async () => {
  for (const process of processes.splice(0)) await process.kill()
  rmSync(folder, { recursive: true, force: true })
})

function run(args: string[], env: Record<string, string> = {}): AppProcess {
  const started = new AppProcess('standalone', args, { env: { ...testEnv, ...env }, cwd: folder })
  processes.push(started)
  return started
}

describe('the command line', () => {
  test('--help tells what there is and exits with 0', async () => {
    const help = run(['--help'])
    expect(await help.exit()).toBe(0)
    for (const flag of ['--port', '--data', '--results', '--no-miner', '--service'])
      expect(help.lines.join('\n')).toContain(flag)
  })

  test.each([
    [['--port', 'many']],
    [['--port', '70000']],
    [['--nothing']],
    [['surplus']],
    [['--service', 'auth,nobody']],
  ])('%j exits with 2 and a sentence', async (args) => {
    const bad = run(args)
    expect(await bad.exit()).toBe(2)
    expect(bad.lines.join('\n')).toMatch(/error: .+/)
    expect(bad.lines.join('\n')).not.toMatch(/ at .*\.js/)
  })

  test('a port in use, a data folder that is a file, a wrong setting: exit code 2 and what to mend', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    writeFileSync(join(folder, 'file'), '')
    const { port } = other.address() as AddressInfo
    const cases: [AppProcess, RegExp][] = [
      [run(['--data', 'a', '--port', String(port)]), /is in use/],
      [run(['--data', 'file/data', '--port', '0']), /data folder .* cannot be/],
      [run(['--data', 'b', '--port', '0'], { QUARRY_LEASE_MS: 'long' }), /QUARRY_LEASE_MS is "long"/],
    ]
    for (const [bad, words] of cases) {
      expect(await bad.exit()).toBe(2)
      expect(bad.lines.join('\n')).toMatch(words)
      expect(bad.lines.join('\n')).not.toMatch(/ at .*\.js/)
    }
    other.close()
  })
})

test('the second start knows what the first made; secrets are nobody else’s', async () => {
  const data = join(folder, 'data')
  const first = await StandaloneProcess.start(data)
  processes.push(first.process)
  expect(first.process.lines.join('\n')).toMatch(/password {6}\S+/)
  expect([
    statSync(join(data, 'secrets.json')).mode & 0o777,
    statSync(join(data, 'owner.json')).mode & 0o777,
    statSync(data).mode & 0o777,
  ]).toEqual([0o600, 0o600, 0o700])
  const kept = ['secrets.json', 'owner.json'].map((file) => readFileSync(join(data, file), 'utf8'))
  expect(await first.process.stop()).toBe(0)
  const second = await StandaloneProcess.start(data)
  processes.push(second.process)
  expect(second.process.lines.join('\n')).not.toContain('password')
  expect(['secrets.json', 'owner.json'].map((file) => readFileSync(join(data, file), 'utf8'))).toEqual(kept)
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
})

test('a folder that a marketplace works in is refused to a second one, and free again when the first was killed', async () => {
  const data = join(folder, 'data')
  const first = await StandaloneProcess.start(data)
  processes.push(first.process)
  const second = run(['--data', data, '--port', '0'])
  expect(await second.exit()).toBe(2)
  expect(second.lines.join('\n')).toContain(`Process ${first.process.pid} is already working in`)
  await first.process.kill()
  processes.push((await StandaloneProcess.start(data)).process)
})

/** The command lines of all processes that have the text in theirs. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) &&
          !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
        )
      } catch {
        return false
      }
    })
}

test.runIf(existsSync('/proc/self/cmdline'))(
  'a built-in client that dies is started again; when the parent is killed, both end',
  async () => {
    const own = run(['--data', join(folder, 'data'), '--results', join(folder, 'results'), '--port', '0'])
    await own.line(/Quarry runs at/)
    const minerOf = () => processesWith(join(folder, 'data', 'miner'))
    const receiverOf = () => processesWith(join(folder, 'results')).filter((pid) => pid !== own.pid)
    const [before] = await waitUntil('the miner runs', () => minerOf().length === 1 && minerOf())
    await waitUntil('the receiver runs', () => receiverOf().length === 1)
    process.kill(before!, 'SIGKILL')
    await own.line(/\[miner\] ended with SIGKILL; starting it again/)
    await waitUntil('another one runs', () => minerOf().some((pid) => pid !== before))
    await own.kill()
    await waitUntil('both ended', () => minerOf().length + receiverOf().length === 0, 15_000)
  },
)

describe('the site', () => {
  let site: StandaloneProcess
  let data: string
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'quarry-site-'))
    site = await StandaloneProcess.start(data)
  })
  afterAll(async () => {
    await site.process.kill()
    rmSync(data, { recursive: true, force: true })
  })

  /** Sends the path as it is, which `fetch` would not. */
  const get = (path: string, method = 'GET') =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: site.port, path, method }, (response) => {
        let body = ''
        response
          .setEncoding('utf8')
          .on('data', (part: string) => (body += part))
          .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      asked.on('error', reject).end()
    })

  test('is the start page for every address that no service has, under a strict policy', async () => {
    for (const path of ['/', '/orders/abc', '/orders?x=1', '/index.html']) {
      const { status, headers, body } = await get(path)
      expect([status, body.slice(0, 15).toLowerCase()]).toEqual([200, '<!doctype html>'])
      expect(headers['content-security-policy']).toMatch(
        /default-src 'self'.*script-src 'self'.*frame-ancestors 'none'/,
      )
      expect(headers['cache-control']).toBe('no-cache')
    }
    expect(await get('/', 'HEAD')).toMatchObject({ status: 200, body: '' })
    expect((await get('/api/v1/nothing')).body).toContain('"not_found"')
  })

  test('keeps hashed files for ever, and what is missing not at all', async () => {
    const [, asset] = /(\/assets\/[^"]+\.js)/.exec((await get('/')).body)!
    expect((await get(asset!)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const missing = await get('/assets/missing-1234.js')
    expect(missing.status).toBe(404)
    expect(missing.headers['cache-control']).not.toContain('immutable')
  })

  test.each([
    '/%2e%2e/%2e%2e/package.json',
    '/../../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/%ff',
    '/%',
    '/%00',
    '/assets/%ff',
    '/assets/',
    '/assets',
    '/.',
    '/%c0%ae%c0%ae/package.json',
    '/api/%ff',
    '/api/v1/orders/%E0%A4%A',
  ])('%s gives nothing from outside and no fault', async (path) => {
    const { status, body } = await get(path)
    expect(status).toBeLessThan(500)
    expect(body).not.toMatch(/"workspaces"|root:/)
    if (status < 400) expect(body.slice(0, 15).toLowerCase()).toBe('<!doctype html>')
  })
})
