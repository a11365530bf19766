import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { kernelConfig } from './kernel-config.ts'
import { ConfigError, defineConfig, readAll } from './settings.ts'

const config = defineConfig('test', {
  port: { variable: 'T_PORT', schema: z.coerce.number().int().default(1), about: 'a port' },
  secret: { variable: 'T_SECRET', schema: z.string().min(8), about: 'a secret', secret: true },
  mode: { variable: 'T_MODE', schema: z.enum(['a', 'b']), about: 'a mode' },
})

function problemsOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  throw new Error('nothing was wrong')
}

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'quarry-config-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('defineConfig', () => {
  test('reads what is set, and the defaults for what is empty', () => {
    expect(config.read({ T_PORT: '', T_SECRET: 'long enough', T_MODE: 'b' })).toEqual({
      port: 1,
      secret: 'long enough',
      mode: 'b',
    })
  })

  test('tells all problems at once, each with the variable and what it is for, and never a secret', () => {
    const words = problemsOf(() => config.read({ T_PORT: 'many', T_SECRET: 'hunter2', T_MODE: 'c' }))
    expect(words.split('\n')).toHaveLength(4)
    for (const part of ['T_PORT is "many"', 'a port', 'T_SECRET has a wrong value', 'T_MODE is "c"'])
      expect(words).toContain(part)
    expect(words).not.toContain('hunter2')
  })

  test('also over the configurations of several services', () => {
    const other = defineConfig('other', { x: { variable: 'T_X', schema: z.string(), about: 'x' } })
    const words = problemsOf(() => readAll([config, other], { T_SECRET: 'long enough' }))
    expect(words).toMatch(/T_MODE is not set[^]*T_X is not set/)
    expect(readAll([config, other], { T_SECRET: 'long enough', T_MODE: 'a', T_X: 'y' })).toHaveLength(2)
  })

  test('reads <NAME>_FILE without the line break at its end, and prefers it', () => {
    const env = { T_SECRET: 'of the environment', T_SECRET_FILE: file('good', 'of the file\n'), T_MODE: 'a' }
    expect(config.read(env).secret).toBe('of the file')
  })

  test('says of a file that cannot be read so, once; of a wrong one not what is in it', () => {
    const missing = problemsOf(() => config.read({ T_SECRET_FILE: join(folder, 'none'), T_MODE: 'a' }))
    expect(missing.split('\n')).toEqual([
      'test cannot start:',
      expect.stringMatching(/^ {2}T_SECRET_FILE: cannot read .*none \(ENOENT\)$/),
    ])
    const wrong = problemsOf(() => config.read({ T_SECRET_FILE: file('short', 'short'), T_MODE: 'a' }))
    expect(wrong).toContain('T_SECRET_FILE has a wrong value')
    expect(wrong).not.toMatch(/"short"|is not set/)
    expect(
      problemsOf(() => config.read({ T_SECRET: 'long enough', T_MODE_FILE: file('mode', 'private words') })),
    ).not.toContain('private words')
  })
})

describe('host gaps', () => {
  const gaps = (text?: string) =>
    kernelConfig.read({ QUARRY_INTERNAL_SECRET: 'x'.repeat(32), QUARRY_HOST_GAPS: text }).hostGaps

  test('are a second unless said otherwise; a host stands for all its ports, a port for itself', () => {
    expect(gaps().gapMs('example.org')).toBe(1000)
    const some = gaps('default=250, Example.org=500,127.0.0.1:8088=0')
    expect(
      ['example.org', 'example.org:8080', '127.0.0.1:8088', '127.0.0.1', 'other'].map((host) => some.gapMs(host)),
    ).toEqual([500, 500, 0, 250, 250])
  })

  test.each(['x', 'a=', '=5', 'a=-1', 'a=1.5', 'a b=1', 'a=999999999'])('%s is refused with what is wrong', (text) => {
    expect(problemsOf(() => gaps(text))).toContain('is not host=milliseconds')
  })
})
