import type { HealthView } from '@quarry/contracts'
import type { Peers } from '@quarry/service-kit'
import type { AskedService } from '../application/show-system.ts'

const PATIENCE_MS = 2_000

/** Health and figures of every process that this one knows the address of, itself included. */
export function askServices(peers: Peers): () => Promise<readonly AskedService[]> {
  return () => {
    const urls = new Set([peers.ownUrl, ...peers.auths, ...peers.coins, ...peers.managers])
    return Promise.all(Array.from(urls, askOne))
  }
}

async function askOne(url: string): Promise<AskedService> {
  const ask = async (path: string) => {
    const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(PATIENCE_MS) })
    return answer.text()
  }
  try {
    const [health, metrics] = await Promise.all([ask('/readyz'), ask('/metrics').catch(() => '')])
    return { health: JSON.parse(health) as HealthView, metrics }
  } catch {
    const { host } = new URL(url)
    return { health: { status: 'unready', service: host, checks: { process: 'does not answer' } }, metrics: '' }
  }
}
