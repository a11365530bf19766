import { migrateSchema, readyRestored } from './migrate-schema.ts'

const [command, ...more] = process.argv.slice(2)
if (more.length > 0 || (command !== undefined && command !== 'restored')) {
  process.stderr.write('Say nothing, or "restored" for data that have come from a backup.\n')
  process.exitCode = 2
} else {
  const action = command === undefined ? migrateSchema : readyRestored
  process.exitCode = await action(process.env, process.stdout, process.stderr)
}
