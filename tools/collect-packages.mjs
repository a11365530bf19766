/**
 * Copies the npm packages that a service needs at run time: `node tools/collect-packages.mjs apps/coin OUT`. They are what
 * its package.json and those of the workspace's packages in its bundle name as dependencies, and what these need in turn.
 * `npm ci --omit=dev` cannot tell: to it, the dependencies of a test tool of the workspace are dependencies.
 */
import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const [app, out] = process.argv.slice(2)
const root = resolve('.')
const notNeeded = /\.(map|d\.[cm]?ts)$/

const seen = new Set()

function collect(folder) {
  const real = realpathSync(folder)
  if (seen.has(real)) return
  seen.add(real)
  const manifest = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8'))
  if (real.includes(`${sep}node_modules${sep}`)) copy(real)
  for (const { name, optional } of neededBy(manifest)) {
    const found = find(name, real)
    if (found) collect(found)
    else if (!optional) throw new Error(`${name}, which ${manifest.name} needs, is not installed`)
  }
}

function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  return [
    ...Object.keys(dependencies ?? {}).map((name) => ({ name, optional: name in (optionalDependencies ?? {}) })),
    ...Object.keys(optionalDependencies ?? {}).map((name) => ({ name, optional: true })),
    ...Object.keys(peerDependencies ?? {})
      .filter((name) => !peerDependenciesMeta?.[name]?.optional)
      .map((name) => ({ name, optional: false })),
  ]
}

/** As Node looks for it. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(candidate)) return candidate
    if (folder === root || folder === dirname(folder)) return undefined
  }
}

/** A package that only this application has lies beside the others; those inside a package stay there. */
function copy(folder) {
  const base = folder.startsWith(join(root, app) + sep) ? join(root, app) : root
  const inside = join(folder, 'node_modules')
  cpSync(folder, join(out, relative(base, folder)), {
    recursive: true,
    filter: (file) => file !== inside && !notNeeded.test(file),
  })
}

collect(join(root, app))
