import { configDefaults, defineConfig } from 'vitest/config'

const slow = 'e2e/**/*.test.ts'

/** Everything that is quick runs first, file by file on all cores; the journeys of e2e follow, one after the other. */
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
          exclude: [...configDefaults.exclude, 'tools/boundary-fixture/**'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [slow],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
