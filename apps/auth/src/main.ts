import { runCommand, runService } from '@quarry/service-kit'
import { authService } from './auth.service.ts'
import { changeAdmin } from './commands/grant-admin.ts'
import { rotateKeys } from './commands/rotate-keys.ts'

const [command, argument] = process.argv.slice(2)
if (command === 'rotate-keys') await runCommand(rotateKeys)
else if (command === 'grant-admin' || command === 'revoke-admin')
  await runCommand(changeAdmin(command === 'grant-admin', argument))
else await runService(authService)
