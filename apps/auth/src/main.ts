import { ConfigError, runService } from '@quarry/service-kit'
import { authConfig } from './auth.config.ts'
import { AuthModule } from './auth.module.ts'
import { rotateKeys } from './commands/rotate-keys.ts'

if (process.argv[2] === 'rotate-keys')
  process.exitCode = await rotateKeys(process.env, process.stdout).catch(configFailure)
else await runService({ name: 'auth', module: AuthModule, config: authConfig })

function configFailure(error: unknown): number {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  return 2
}
