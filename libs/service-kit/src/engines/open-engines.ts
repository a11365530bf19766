import type { KernelConfig } from '../config/kernel-config.ts'
import type { OpeningContext } from './cluster.ts'
import type { EngineNeed, OpenedEngines } from './engines.ts'

/** Opens what `QUARRY_ENGINES` says: SQLite and memory, which always hold everything, or the cluster's engines that are needed. */
export async function openEngines(
  { engines, dataDir }: Pick<KernelConfig, 'engines' | 'dataDir'>,
  needs: readonly EngineNeed[],
  context: OpeningContext,
): Promise<OpenedEngines> {
  if (engines === 'cluster') {
    const { openCluster } = await import('./cluster.ts')
    return openCluster(needs, context)
  }
  const { openOneMachine } = await import('./one-machine.ts')
  return openOneMachine(dataDir, context.clock)
}
