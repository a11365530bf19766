/**
 * Builds projects: `node tools/build.mjs DIR…`. A site by Vite; anything else as one file per entry by esbuild, with
 * the workspace's packages bundled from their sources and npm packages left to node_modules.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { buildKeys, listProjects, root, stampFile } from './workspace.mjs'

const projects = listProjects()
const keyOf = buildKeys(projects)

async function buildAll(dirs) {
  for (const dir of dirs) {
    const project = projects.find((candidate) => candidate.dir === dir.replace(/\/$/, ''))
    if (!project) throw new Error(`${dir} is not a project of this workspace`)
    if (!project.buildable) continue
    const started = performance.now()
    // Taken before the build: a file saved meanwhile leaves the output stale, never wrongly fresh.
    const key = keyOf(project)
    rmSync(stampFile(project), { force: true })
    await (project.isSite ? buildSite(project) : bundle(project))
    writeFileSync(stampFile(project), key)
    process.stderr.write(`  ${project.name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`)
  }
}

async function buildSite(project) {
  const { build } = await import('vite')
  await build({ root: join(root, project.dir), logLevel: 'warn' })
}

async function bundle(project) {
  const esbuild = await import('esbuild')
  const outdir = join(root, project.dir, 'dist')
  rmSync(outdir, { recursive: true, force: true })
  mkdirSync(outdir, { recursive: true })
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: project.entries.map((entry) => ({
      in: join(root, project.dir, entry),
      out: basename(entry).replace(/\.tsx?$/, ''),
    })),
    outdir,
    bundle: true,
    // What is imported on demand stays on demand, with the npm packages that it loads.
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    tsconfig: join(root, 'tsconfig.json'),
    plugins: [textFiles, leaveOutNpm(outdir)],
    logLevel: 'warning',
  })
  for (const entry of project.entries) {
    const file = join(outdir, basename(entry).replace(/\.tsx?$/, '.js'))
    if (readFileSync(file, 'utf8').startsWith('#!')) chmodSync(file, 0o755)
  }
}

/** `import text from './file.cql?raw'`, as Vite reads it: the file's text goes into the bundle. */
const textFiles = {
  name: 'text-files',
  setup(builder) {
    builder.onResolve({ filter: /^\..*\?raw$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice(0, -'?raw'.length)),
      namespace: 'text-file',
    }))
    builder.onLoad({ filter: /.*/, namespace: 'text-file' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }))
  },
}

/** Workspace packages go into the bundle, npm packages stay outside; refuses if the bundle would find another version. */
function leaveOutNpm(outdir) {
  return {
    name: 'leave-out-npm',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point' || path.startsWith('@quarry/')) return undefined
        if (path.startsWith('node:')) return { path, external: true }
        const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/')
        const meant = packageFolder(name, resolveDir)
        const found = packageFolder(name, outdir)
        if (meant === found) return { path, external: true }
        return {
          errors: [{ text: `${path} is ${meant} for this file, but the bundle would load ${found ?? 'nothing'}` }],
        }
      })
    },
  }
}

function packageFolder(name, from) {
  for (let dir = from; ; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', name)
    if (existsSync(candidate)) return candidate
    if (dir === dirname(dir)) return undefined
  }
}

try {
  await buildAll(process.argv.slice(2))
} catch (error) {
  // esbuild has already shown its errors, with the lines of code.
  if (!error.errors) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}
