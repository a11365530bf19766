/**
 * Traefik's two files for a cluster on this machine, made from the ones in traefik/ that the containers use: the same
 * rules, stickiness and health checks, with this machine's addresses, and plain HTTP on loopback instead of TLS.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

/** Writes both files into `folder` and returns the path of the static one. `servers` gives each service's URLs. */
export function writeTraefikConfig({ root, folder, port, pingPort, servers }) {
  const dynamic = parse(readFileSync(join(root, 'traefik', 'dynamic.yml'), 'utf8'))
  for (const router of Object.values(dynamic.http.routers)) router.entryPoints = ['web']
  for (const [name, { loadBalancer }] of Object.entries(dynamic.http.services)) {
    loadBalancer.servers = (servers[name] ?? []).map((url) => ({ url }))
    if (loadBalancer.sticky) loadBalancer.sticky.cookie.secure = false
  }
  const fixed = parse(readFileSync(join(root, 'traefik', 'traefik.yml'), 'utf8'))
  const { transport } = fixed.entryPoints.websecure
  const here = {
    ...fixed,
    entryPoints: {
      web: { address: `127.0.0.1:${port}`, transport },
      ping: { address: `127.0.0.1:${pingPort}` },
    },
    providers: { file: { filename: join(folder, 'dynamic.yml'), watch: true } },
  }
  writeFileSync(join(folder, 'dynamic.yml'), stringify(dynamic))
  writeFileSync(join(folder, 'traefik.yml'), stringify(here))
  return join(folder, 'traefik.yml')
}
