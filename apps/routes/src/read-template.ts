import { ConfigError } from '@quarry/service-kit'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { DynamicConfig } from './application/spread-servers.ts'

const templateSchema = z.looseObject({
  http: z.looseObject({
    services: z.record(
      z.string(),
      z.looseObject({ loadBalancer: z.looseObject({ servers: z.array(z.object({ url: z.url() })) }) }),
    ),
  }),
})

/** Reads Traefik's rules from a file. Throws `ConfigError` when it is not there, or not such a file. */
export function readTemplate(file: string): DynamicConfig {
  try {
    return templateSchema.parse(parse(readFileSync(file, 'utf8'), { merge: true }))
  } catch (error) {
    throw new ConfigError(`QUARRY_ROUTES_TEMPLATE: ${file} cannot be used: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
