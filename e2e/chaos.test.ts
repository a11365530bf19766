import { onCluster } from '@quarry/engines-under-test'
import { expect, test } from 'vitest'
import { runChaos } from './src/chaos/run-chaos.ts'

/** One short run here; `npm run chaos` has more seeds and more time. */
const SEED = Number(process.env['QUARRY_SEED'] ?? 20_261_121)
const DURATION_MS = 45_000

onCluster(() => {
  test(
    'whatever is killed, paused or emptied: nothing is lost and nothing is paid twice',
    { timeout: 900_000 },
    async () => {
      const said: string[] = []
      const report = await runChaos({ seed: SEED, durationMs: DURATION_MS, say: (line) => said.push(line) })
      expect(
        report.problems,
        `npm run chaos -- --seed ${SEED} --minutes ${DURATION_MS / 60_000}\n${said.join('\n')}`,
      ).toEqual([])
      expect(report.pages).toBeGreaterThan(100)
    },
  )
})
