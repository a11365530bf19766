import { z } from 'zod'
import { defineConfig } from '../config/settings.ts'

const nodes = z
  .string()
  .transform((text) => text.split(',').map((node) => node.trim()))
  .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port, several separated by commas')).min(1))

const urlOf = (...protocols: string[]) =>
  z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`), error: `must be a URL of ${protocols.join(' or ')}` })

/** Where Cassandra is, and as whom to speak to it. */
export const cassandraConfig = defineConfig('Cassandra', {
  nodes: { variable: 'QUARRY_CASSANDRA', schema: nodes, about: 'some nodes of Cassandra' },
  keyspace: {
    variable: 'QUARRY_CASSANDRA_KEYSPACE',
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,47}$/)
      .default('quarry'),
    about: 'keyspace of Quarry',
  },
  dataCenter: {
    variable: 'QUARRY_CASSANDRA_DATACENTER',
    schema: z.string().min(1).default('datacenter1'),
    about: 'data center whose nodes are asked',
  },
  user: { variable: 'QUARRY_CASSANDRA_USER', schema: z.string().optional(), about: 'user name at Cassandra, if any' },
  password: {
    variable: 'QUARRY_CASSANDRA_PASSWORD',
    schema: z.string().optional(),
    about: 'password at Cassandra',
    secret: true,
  },
})

/** Where Redis is. */
export const redisConfig = defineConfig('Redis', {
  url: {
    variable: 'QUARRY_REDIS',
    schema: urlOf('redis', 'rediss'),
    about: 'URL of Redis, with its password if it has one',
    secret: true,
  },
})

/** Where RabbitMQ is. */
export const rabbitConfig = defineConfig('RabbitMQ', {
  url: {
    variable: 'QUARRY_RABBITMQ',
    schema: urlOf('amqp', 'amqps'),
    about: 'URL of RabbitMQ, with user and password',
    secret: true,
  },
})
