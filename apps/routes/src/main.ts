import { runService } from '@quarry/service-kit'
import { routesService } from './routes.service.ts'

await runService(routesService)
