export { routesService } from './routes.service.ts'
