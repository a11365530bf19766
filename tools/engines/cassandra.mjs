/** Cassandra as one node: its jars by Maven, its settings from ./cassandra, ports and folders from here. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from '../workspace.mjs'
import { folderFor, madeOnce } from './fetched.mjs'
import { EngineMissing, isProgram, onPath } from './missing.mjs'
import { ask } from './probe.mjs'
import { runTool } from './run-tool.mjs'

const settings = join(dirname(fileURLToPath(import.meta.url)), 'cassandra')
const manifest = join(settings, 'pom.xml')
const neededOptions = join(root, 'deploy', 'cassandra.options')
const neededJava = 17
const firstAddress = '127.0.0.1'
/** An OPTIONS request of the native protocol, version 4: the one that needs no STARTUP before it. */
const optionsRequest = Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0])
const supported = 6

export const cassandra = {
  name: 'cassandra',
  variable: 'QUARRY_CASSANDRA',
  ports: ['main', 'storage', 'jmx'],
  startLimitMs: 120_000,
  portTaken: /Address already in use|Port already in use|is in use by another process/,

  async prepare({ onLine }) {
    const java = findJava()
    const jars = folderFor('cassandra', manifest)
    await madeOnce(jars, (folder) => download(folder, onLine), onLine)
    return { java, jars }
  },

  /**
   * Writes cassandra.yaml into the folder and says what to run. `heap` as Java takes it, 1g when not given. `beside` makes it
   * a further node of the cluster of one that runs: on the same ports, `main` and `storage`, of a loopback address of its own.
   */
  configure({ prepared: { java, jars }, folder, ports, options: { heap = '1g', beside } = {} }) {
    const data = join(folder, 'data')
    mkdirSync(data, { recursive: true })
    const file = join(folder, 'cassandra.yaml')
    writeFileSync(
      file,
      `${readFileSync(join(settings, 'cassandra.yaml'), 'utf8')}\n${placement(data, beside ?? { ...ports, address: firstAddress })}`,
    )
    const agent = readdirSync(jars).find((name) => /^jamm-.*\.jar$/.test(name))
    return {
      command: java,
      args: [
        ...javaOptions(),
        `@${neededOptions}`,
        `-Xmx${heap}`,
        `-javaagent:${join(jars, agent)}`,
        `-Dcassandra.config=${pathToFileURL(file)}`,
        `-Dcassandra.storagedir=${data}`,
        `-Dcassandra.jmx.local.port=${ports.jmx}`,
        `-Dlogback.configurationFile=${join(settings, 'logback.xml')}`,
        '-Dcassandra-foreground=yes',
        '-cp',
        join(jars, '*'),
        'org.apache.cassandra.service.CassandraDaemon',
      ],
      cwd: folder,
    }
  },

  async answers({ main }, { options: { beside } = {} }) {
    const answer = await ask(beside?.main ?? main, optionsRequest, { host: beside?.address ?? firstAddress })
    if (answer[4] !== supported) throw new Error('not the answer of a Cassandra node')
  },

  environment: ({ ports, options: { beside } = {} }) => ({
    QUARRY_CASSANDRA: beside ? `${beside.address}:${beside.main}` : `${firstAddress}:${ports.main}`,
  }),
}

function javaOptions() {
  return readFileSync(join(settings, 'jvm.options'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('-'))
}

/** What differs from node to node. A string of JSON is one of YAML. */
function placement(data, { address, main, storage }) {
  const inside = (name) => JSON.stringify(join(data, name))
  return `listen_address: ${address}
rpc_address: ${address}
native_transport_port: ${main}
storage_port: ${storage}
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: ${firstAddress}:${storage}
data_file_directories: [${inside('data')}]
commitlog_directory: ${inside('commitlog')}
saved_caches_directory: ${inside('saved_caches')}
hints_directory: ${inside('hints')}
cdc_raw_directory: ${inside('cdc_raw')}
`
}

/** Java 17 where it may be: JAVA_HOME, the PATH, or beside a newer one that the PATH prefers. */
function findJava() {
  const packaged = '/usr/lib/jvm'
  const beside = existsSync(packaged) ? readdirSync(packaged).filter((name) => name.includes(String(neededJava))) : []
  const candidates = [
    process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin', 'java'),
    onPath('java'),
    ...beside.map((name) => join(packaged, name, 'bin', 'java')),
  ].filter((path) => path && isProgram(path))
  const java = candidates.find((path) => majorOf(path) === neededJava)
  if (java) return java
  const found = candidates.map((path) => `${path} is Java ${majorOf(path) ?? 'of unknown version'}`).join(', ')
  throw new EngineMissing(
    `Cassandra needs Java ${neededJava} (Debian: apt-get install openjdk-17-jre-headless)${found && `; ${found}`}`,
  )
}

function majorOf(java) {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const major = /version "(\d+)/.exec(stderr ?? '')?.[1]
  return major === undefined ? undefined : Number(major)
}

async function download(folder, onLine) {
  const maven = onPath('mvn')
  if (!maven)
    throw new EngineMissing('Cassandra is fetched by Maven, which is not installed (Debian: apt-get install maven)')
  onLine('Fetching Cassandra by Maven (66 MB, once).')
  const goal = ['-B', '-q', '-ntp', '-f', manifest, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
  try {
    const seconds = await runTool({ command: maven, args: goal, doing: 'fetching Cassandra', onLine })
    onLine(`  fetched in ${seconds} s`)
  } catch (error) {
    throw new EngineMissing(`Cassandra could not be fetched: ${error.message}`, { cause: error })
  }
}
