import { runService } from '@quarry/service-kit'
import { resultServerConfig } from './result-server.config.ts'
import { ResultServerModule } from './result-server.module.ts'

await runService({ name: 'result-server', module: ResultServerModule, config: resultServerConfig })
