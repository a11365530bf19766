import { runCommand, runService } from '@quarry/service-kit'
import { deadLetters } from './commands/dead-letters.ts'
import { resettle } from './commands/resettle.ts'
import { resultServerService } from './result-server.service.ts'

const [command, ...args] = process.argv.slice(2)
if (command === 'dead-letters') await runCommand((env, output) => deadLetters(args, env, output))
else if (command === 'resettle') await runCommand((env, output) => resettle(args, env, output))
else await runService(resultServerService)
