export { AuthModule } from './auth.module.ts'
export { authConfig } from './auth.config.ts'
