export { miningServerService } from './mining-server.service.ts'
