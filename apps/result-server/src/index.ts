export { ResultServerModule } from './result-server.module.ts'
export { resultServerConfig } from './result-server.config.ts'
