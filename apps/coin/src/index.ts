export { coinService } from './coin.service.ts'
