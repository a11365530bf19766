export { MiningServerModule } from './mining-server.module.ts'
export { miningServerConfig } from './mining-server.config.ts'
