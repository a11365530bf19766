import { AppProcess, workspaceRoot } from '@quarry/testkit'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const services = ['auth', 'backend', 'coin', 'scheduler', 'scheduler-manager', 'mining-server', 'result-server']

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-alone-'))
  const built = spawnSync(process.execPath, ['tools/build.mjs', ...services.map((name) => `apps/${name}`)], {
    cwd: workspaceRoot(),
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(built.stderr)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(services)('%s starts alone, answers, says its name, and ends when asked to', async (name) => {
  const service = new AppProcess(name, [], {
    env: {
      QUARRY_ENV: 'test',
      QUARRY_PORT: '0',
      QUARRY_DATA: join(folder, name),
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_AUTH_PEPPER: 'test-only-pepper-of-at-least-thirty-two-bytes',
      QUARRY_AUTH_SEALING_KEY: 'test-only-sealing-key-of-thirty-two-bytes',
    },
  })
  try {
    const [, url] = await service.line(/"url":"(http:[^"]+)".*"listening"/)
    const health = await fetch(new URL('/healthz', url))
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', service: name, checks: {} }])
    expect((await fetch(new URL('/metrics', url))).status).toBe(200)
    expect((await fetch(new URL('/nothing/here', url))).status).toBe(404)
    expect(await service.stop()).toBe(0)
  } finally {
    await service.kill()
  }
})

test.each(services)('%s says what is missing instead of starting without a secret', async (name) => {
  const service = new AppProcess(name, [], { env: { QUARRY_PORT: '0', QUARRY_DATA: join(folder, name) } })
  expect(await service.exit()).toBe(2)
  expect(service.lines.join('\n')).toContain('QUARRY_INTERNAL_SECRET is not set')
})
