export { resultServerService } from './result-server.service.ts'
