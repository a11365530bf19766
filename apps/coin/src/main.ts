import { runCommand, runService } from '@quarry/service-kit'
import { coinService } from './coin.service.ts'
import { auditLedger } from './commands/audit-ledger.ts'

if (process.argv[2] === 'audit') await runCommand(auditLedger)
else await runService(coinService)
