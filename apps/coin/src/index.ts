export { CoinModule } from './coin.module.ts'
export { coinConfig } from './coin.config.ts'
