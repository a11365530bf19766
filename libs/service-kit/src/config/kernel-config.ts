import { z } from 'zod'
import { hostGapsSchema } from './host-gaps.ts'
import { defineConfig } from './settings.ts'

const urlList = z
  .string()
  .transform((text) => text.split(',').map((url) => url.trim()))
  .pipe(z.array(z.url()))
const wholeMs = z.coerce.number().int().min(0)

/** Where everything is kept. */
const place = {
  engines: {
    variable: 'QUARRY_ENGINES',
    schema: z.enum(['one-machine', 'cluster']).default('one-machine'),
    about: 'SQLite and memory of this machine, or Cassandra, Redis and RabbitMQ',
  },
  dataDir: { variable: 'QUARRY_DATA', schema: z.string().default('./data'), about: 'folder of the database and keys' },
} as const

/** What a command needs that runs beside the services. */
export const placeConfig = defineConfig('command', place)

/** What every service reads, whichever it is. */
export const kernelConfig = defineConfig('service', {
  ...place,
  port: {
    variable: 'QUARRY_PORT',
    schema: z.coerce.number().int().min(0).max(65535).default(8080),
    about: 'port to listen on',
  },
  host: { variable: 'QUARRY_HOST', schema: z.string().default('127.0.0.1'), about: 'address to listen on' },
  logLevel: {
    variable: 'QUARRY_LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    about: 'least level that is logged',
  },
  internalSecret: {
    variable: 'QUARRY_INTERNAL_SECRET',
    schema: z.string().regex(/^[\x21-\x7e]{32,}$/, 'must have at least 32 visible ASCII characters, no blanks'),
    about: 'secret that services show each other',
    secret: true,
  },
  authUrls: {
    variable: 'QUARRY_AUTH_URL',
    schema: urlList.optional(),
    about: 'where auth is reached, several separated by commas; this process when unset',
  },
  coinUrls: {
    variable: 'QUARRY_COIN_URL',
    schema: urlList.optional(),
    about: 'where coin is reached, several separated by commas; this process when unset',
  },
  managerUrls: {
    variable: 'QUARRY_MANAGER_URLS',
    schema: urlList.optional(),
    about: 'where the scheduler-managers are reached, separated by commas; this process when unset',
  },
  advertisedUrl: {
    variable: 'QUARRY_ADVERTISED_URL',
    schema: z.url().optional(),
    about: 'where others reach this process; when unset where it listens, or its host name for all addresses',
  },
  publicUrl: {
    variable: 'QUARRY_PUBLIC_URL',
    schema: z.url().optional(),
    about: 'address under which people open the site',
  },
  trustProxy: {
    variable: 'QUARRY_TRUST_PROXY',
    schema: z.stringbool().default(false),
    about: 'whether X-Forwarded-* headers come from our own proxy',
  },
  drainMs: {
    variable: 'QUARRY_DRAIN_MS',
    schema: wholeMs.default(10_000),
    about: 'longest time to finish work on shutdown',
  },
  hostGaps: {
    variable: 'QUARRY_HOST_GAPS',
    schema: hostGapsSchema,
    about: 'least milliseconds between two requests to a host: "default=1000,example.com=500"',
  },
})

export type KernelConfig = ReturnType<typeof kernelConfig.read>
