import { configDefaults, defineConfig } from 'vitest/config'

const slow = 'e2e/**/*.test.ts'
/** Services as processes on engines that it shares with the adapters' tests. */
const sharding = 'e2e/sharding.test.ts'
/** Starts a cluster of its own, which is too much beside others. */
const severalNodes = 'libs/storage/cassandra/test/several-nodes.test.ts'
const onEngines = '{libs/storage/cassandra,libs/messaging/redis,libs/messaging/rabbitmq,apps/routes/test}/**/*.test.ts'

/**
 * Everything that is quick runs first, file by file on all cores; then the adapters on their real engines; the journeys
 * of e2e follow, one after the other, and last the schedulers under a load of their own.
 */
export default defineConfig({
  test: {
    environment: 'node',
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,apps,bench,tools}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, 'tools/boundary-fixture/**', onEngines],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: [onEngines],
          exclude: [...configDefaults.exclude, severalNodes],
          globalSetup: ['tools/engines/vitest-setup.mjs'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['simulation/**/*.test.ts'],
          testTimeout: 900_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [slow, severalNodes],
          exclude: [...configDefaults.exclude, sharding],
          globalSetup: ['tools/cluster/vitest-setup.mjs'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'sharding',
          include: [sharding],
          globalSetup: ['tools/engines/vitest-setup.mjs'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
