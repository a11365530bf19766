import { migrateSchema } from './migrate-schema.ts'

process.exitCode = await migrateSchema(process.env, process.stdout, process.stderr)
