import { runService } from '@quarry/service-kit'
import { coinConfig } from './coin.config.ts'
import { CoinModule } from './coin.module.ts'
import { auditLedger } from './commands/audit-ledger.ts'

if (process.argv[2] === 'audit') process.exitCode = await auditLedger(process.env, process.stdout)
else await runService({ name: 'coin', module: CoinModule, config: coinConfig })
