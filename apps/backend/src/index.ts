export { backendService } from './backend.service.ts'
