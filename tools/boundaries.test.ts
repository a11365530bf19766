import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/**
 * What `@nx/enforce-module-boundaries` says to a wrong layer, to a project that itself depends on this one, to an npm
 * package that is not of this layer, and to a path into another project.
 */
const layer = 'onlyTagsConstraintViolation'
const outward = 'noCircularDependencies'
const npm = 'bannedExternalImportsViolation'
const path = 'noRelativeOrAbsoluteImportsAcrossLibraries'

/** Which rule refuses which file of the fixture. */
const expected: Record<string, string[]> = {
  'libs/domain/src/imports-driver.ts': [npm],
  'libs/domain/src/imports-adapter.ts': [outward],
  'libs/domain/src/imports-contracts.ts': [outward],
  'libs/domain/src/reads-the-clock.ts': ['no-restricted-properties'],
  'libs/domain/src/makes-today.ts': ['no-restricted-syntax'],
  'libs/domain/src/waits.ts': ['no-restricted-globals'],
  'libs/domain/src/rolls-dice.ts': ['no-restricted-properties'],
  'libs/domain/src/makes-a-uuid.ts': ['no-restricted-globals'],
  'libs/domain/src/reads-a-file.ts': ['no-restricted-syntax'],
  'libs/domain/src/cycle-a.ts': ['no-cycle'],
  'libs/storage/port/src/imports-scrape.ts': [layer],
  'libs/storage/sqlite/src/imports-scrape.ts': [layer],
  'libs/storage/sqlite/src/imports-service.ts': [outward],
  'apps/coin/src/application/imports-nest.ts': ['application-knows-no-framework'],
  'apps/coin/src/application/imports-service-kit.ts': ['application-knows-no-framework'],
  'apps/coin/src/application/imports-edge.ts': ['application-knows-no-edge'],
  'apps/coin/src/application/reads-the-clock.ts': ['no-restricted-properties'],
  'apps/coin/src/application/imports-timers.ts': ['no-restricted-imports'],
  'apps/coin/src/application/random-bytes.ts': ['no-restricted-imports'],
  'apps/backend/src/imports-service.ts': [layer, 'app-imports-no-app'],
  'apps/backend/src/imports-inside.ts': [path, 'app-imports-no-app'],
  'apps/backend/src/imports-driver.ts': [npm],
  'apps/backend/src/imports-testkit.ts': [layer, 'test-support-stays-in-tests'],
  'apps/mining-client/src/imports-nest.ts': [npm],
  'apps/web/src/imports-storage.ts': [layer],
  'apps/web/src/features/orders/imports-feature.ts': ['feature-imports-no-feature'],
  'apps/standalone/src/imports-inside.ts': [path, 'standalone-imports-the-index-only'],
}

const clean = [
  'apps/standalone/src/clean.ts',
  'apps/coin/src/http/clean.ts',
  'apps/coin/src/http/answer.ts',
  'apps/coin/src/application/clean.ts',
  'apps/web/src/features/coins/balance.ts',
]

/** The other end of the cycle: dependency-cruiser names a cycle once. */
const unnamed = ['libs/domain/src/cycle-b.ts']

let workspace: string
let refusals: Map<string, Set<string>>

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'quarry-boundaries-'))
  await copySkeleton()
  await cp(join(root, 'tools/boundary-fixture'), workspace, { recursive: true })
  // A fresh checkout has no project graph either.
  await tool('nx', 'show', 'projects')
  const [lint, cruise] = await Promise.all([lintFindings(), cruiseFindings()])
  refusals = new Map()
  for (const { file, rule } of [...lint, ...cruise]) refusals.set(file, (refusals.get(file) ?? new Set()).add(rule))
}, 120_000)

afterAll(() => rm(workspace, { recursive: true, force: true }))

/** The real configuration and project descriptions, with one line of source for each package. */
async function copySkeleton() {
  const top = [
    'package.json',
    'package-lock.json',
    'nx.json',
    'tsconfig.json',
    'eslint.config.mjs',
    '.dependency-cruiser.mjs',
  ]
  for (const file of top) await cp(join(root, file), join(workspace, file))
  for (const file of await readdir(join(root, 'tools'))) {
    if (file.endsWith('.mjs')) await cp(join(root, 'tools', file), join(workspace, 'tools', file))
  }
  const modules = join(workspace, 'node_modules')
  await mkdir(join(modules, '@quarry'), { recursive: true })
  for (const entry of await readdir(join(root, 'node_modules'))) {
    if (entry !== '@quarry') await symlink(join(root, 'node_modules', entry), join(modules, entry))
  }
  for (const dir of await projectDirs()) {
    for (const file of ['package.json', 'project.json']) {
      await cp(join(root, dir, file), join(workspace, dir, file), { recursive: true })
    }
    await mkdir(join(workspace, dir, 'src'), { recursive: true })
    await writeFile(join(workspace, dir, 'src/index.ts'), 'export const marker = 1\n')
    const { name } = (await import(join(root, dir, 'package.json'), { with: { type: 'json' } })).default as {
      name: string
    }
    await symlink(join(workspace, dir), join(modules, name))
  }
}

async function projectDirs() {
  const dirs: string[] = []
  for (const parent of ['apps', 'libs', 'libs/storage', 'libs/messaging', '.']) {
    for (const entry of await readdir(join(root, parent))) {
      if (existsSync(join(root, parent, entry, 'project.json'))) dirs.push(join(parent, entry))
    }
  }
  return dirs
}

/** The output of one of the workspace's tools, whatever its exit code: findings are what we want. */
async function tool(name: string, ...args: string[]) {
  const { VITEST: _vitest, ...env } = process.env
  const options = {
    cwd: workspace,
    maxBuffer: 64 << 20,
    env: { ...env, NX_DAEMON: 'false', NX_WORKSPACE_ROOT_PATH: workspace },
  }
  return run(join(root, 'node_modules/.bin', name), args, options).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error) return error as Error & { stdout: string; stderr: string }
    throw error
  })
}

async function lintFindings() {
  const { stdout, stderr } = await tool('eslint', 'apps', 'libs', '--format', 'json')
  expect(stdout + stderr).not.toContain('No cached ProjectGraph')
  const files = JSON.parse(stdout) as { filePath: string; messages: { ruleId: string; messageId?: string }[] }[]
  return files.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, messageId = '' }) => ({
      file: relative(workspace, filePath),
      rule: ruleId.startsWith('@nx/') ? messageId : ruleId,
    })),
  )
}

async function cruiseFindings() {
  const { stdout } = await tool(
    'depcruise',
    'apps',
    'libs',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
  )
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } }
  return summary.violations.map(({ from, rule }) => ({ file: from, rule: rule.name }))
}

describe('the boundaries bite', () => {
  test.each(Object.entries(expected))('%s is refused by %j', (file, rules) => {
    expect([...(refusals.get(file) ?? [])]).toEqual(expect.arrayContaining(rules))
  })

  test.each(clean)('%s is accepted', (file) => {
    expect([...(refusals.get(file) ?? [])]).toEqual([])
  })

  test('every file of the fixture is named here', async () => {
    const files = await readdir(join(root, 'tools/boundary-fixture'), { recursive: true })
    const named = [...Object.keys(expected), ...clean, ...unnamed]
    expect(files.filter((file) => file.endsWith('.ts')).sort()).toEqual(named.sort())
  })
})
