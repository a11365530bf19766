import { defineConfig } from '@quarry/service-kit'
import { replicationOf } from '@quarry/storage-cassandra'
import { z } from 'zod'

/** What the migration needs beside the settings of Cassandra that every service reads. */
export const migrateConfig = defineConfig('migrate', {
  replication: {
    variable: 'QUARRY_CASSANDRA_REPLICATION',
    schema: z
      .string()
      .default('1')
      .transform((text, context): string => {
        const replication = replicationOf(text)
        if (replication !== undefined) return replication
        context.addIssue({ code: 'custom', message: 'must be copies of a single data center, or dc1=3,dc2=3' })
        return z.NEVER
      }),
    about: 'copies of each row in a new keyspace: "1", or for production "dc1=3,dc2=3"',
  },
})
