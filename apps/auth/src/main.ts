import { runCommand, runService } from '@quarry/service-kit'
import { authService } from './auth.service.ts'
import { rotateKeys } from './commands/rotate-keys.ts'

if (process.argv[2] === 'rotate-keys') await runCommand(rotateKeys)
else await runService(authService)
