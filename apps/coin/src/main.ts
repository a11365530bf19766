import { runCommand, runService } from '@quarry/service-kit'
import { coinService } from './coin.service.ts'
import { auditLedger } from './commands/audit-ledger.ts'

const [command, ...args] = process.argv.slice(2)
if (command === 'audit') await runCommand((env, output) => auditLedger(args, env, output))
else await runService(coinService)
