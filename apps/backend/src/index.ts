export { BackendModule } from './backend.module.ts'
export { backendConfig } from './backend.config.ts'
