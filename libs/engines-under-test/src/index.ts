export { onCluster, onEngine } from './on-engine.ts'
export type { EngineName } from './on-engine.ts'
