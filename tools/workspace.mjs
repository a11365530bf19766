/**
 * What the tools know about the workspace: where it is, which projects it builds, and whether their output is fresh.
 * Built-ins only, and nothing newer than Node 20: set-up runs before anything is installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The Node 24 that npm installed into the workspace; scripts find it first on their PATH. */
export const installedNode = join(root, 'node_modules', '.bin', 'node')

const parents = ['apps', 'libs', 'libs/storage', 'libs/messaging', 'libs/mail', '.']

/**
 * Every project of the workspace: `{ name, dir, package, entries, isSite, buildable }`, paths relative to the root.
 * A project is buildable when its project.json has a build target and it has something to start from.
 */
export function listProjects() {
  return parents.flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, parent, entry.name, 'project.json')))
      .map((entry) => readProject(parent === '.' ? entry.name : `${parent}/${entry.name}`)),
  )
}

function readProject(dir) {
  const description = readJson(`${dir}/project.json`)
  const manifest = readJson(`${dir}/package.json`)
  const further = description.metadata?.entries ?? []
  const entries = ['src/main.ts', 'src/demo.ts', ...further].filter((entry) => existsSync(join(root, dir, entry)))
  const isSite = existsSync(join(root, dir, 'index.html'))
  return {
    name: description.name,
    dir,
    package: manifest,
    entries,
    isSite,
    buildable: description.targets?.build !== undefined && (isSite || entries.length > 0),
  }
}

/** The projects whose `dist` does not belong to the sources as they are now. */
export function staleProjects(projects = listProjects()) {
  const keyOf = buildKeys(projects)
  return projects.filter((project) => project.buildable && readStamp(project) !== keyOf(project))
}

/** Where a build records the key of the sources it was made from. */
export function stampFile(project) {
  return join(root, project.dir, 'dist', '.stamp')
}

function readStamp(project) {
  const file = stampFile(project)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/**
 * A function that gives a project's build key: a hash over the content of everything that its output is made of, that
 * is its own files, those of the workspace packages it depends on, the locked npm packages and the build itself.
 */
export function buildKeys(projects) {
  const byPackage = new Map(projects.map((project) => [project.package.name, project]))
  const hashes = new Map()
  const shared = hashOf(
    ['tools/build.mjs', 'tools/workspace.mjs', 'tsconfig.json', 'package-lock.json'].map((file) => readRoot(file)),
  )
  const hashOfProject = (project) => {
    if (!hashes.has(project.dir)) hashes.set(project.dir, hashOf(sourcesOf(project.dir)))
    return hashes.get(project.dir)
  }
  return (project) => hashOf([shared, ...closure(project, byPackage).map(hashOfProject)])
}

function closure(project, byPackage, seen = new Set()) {
  if (seen.has(project)) return []
  seen.add(project)
  const dependencies = Object.keys(project.package.dependencies ?? {}).filter((name) => byPackage.has(name))
  return [project, ...dependencies.flatMap((name) => closure(byPackage.get(name), byPackage, seen))]
}

const notSource = /^(node_modules|dist|test|coverage|\..*|.*\.test\.tsx?|.*\.md|README.*)$/

function sourcesOf(dir) {
  const parts = []
  for (const entry of readdirSync(join(root, dir), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = `${dir}/${entry.name}`
    if (notSource.test(entry.name) || existsSync(join(root, path, 'project.json'))) continue
    if (entry.isDirectory()) parts.push(...sourcesOf(path))
    else if (entry.isFile()) parts.push(path, readRoot(path))
  }
  return parts
}

/** The bins of the workspace's own packages: npm links only those that exist while it installs, and ours are built later. */
export function workspaceBins(projects = listProjects()) {
  return projects.flatMap((project) =>
    Object.entries(project.package.bin ?? {}).map(([name, file]) => ({
      link: join(root, 'node_modules', '.bin', name),
      target: relative(join(root, 'node_modules', '.bin'), join(root, project.dir, file)),
      file: join(root, project.dir, file),
    })),
  )
}

/** SHA-256 over a list of texts or buffers, each kept apart from the next. */
export function hashOf(parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

/** The content of a file of the repository, empty when it is missing. */
export function readRoot(file) {
  const path = join(root, file)
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
}

/** A parsed JSON file of the repository. */
export function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
