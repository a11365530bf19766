import { runService } from '@quarry/service-kit'
import { backendConfig } from './backend.config.ts'
import { BackendModule } from './backend.module.ts'

await runService({ name: 'backend', module: BackendModule, config: backendConfig })
