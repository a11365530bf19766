import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos/run-chaos.ts'

const help = `npm run chaos -- [options]

Runs the marketplace on real engines under load, kills and pauses whatever it can, lets it recover, and checks that
every repetition was delivered or refunded once, paid to whom it was due, and that every file is what was fetched.

  --seed S       replays the faults of a run (default: a new one, printed)
  --minutes M    how long things break (default 5)
  --json FILE    writes the report
  --help

Examples:
  npm run chaos
  npm run chaos -- --seed 42 --minutes 1
`

const say = (line: string) => void process.stdout.write(`${line}\n`)

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '5' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32))
  const minutes = Number(values.minutes)
  if (!Number.isInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: must be a whole number from 0 on.`)
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error(`--minutes ${values.minutes}: allowed are 0.1 to 1440.`)
  const report = await runChaos({ seed, durationMs: minutes * 60_000, say })
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  for (const problem of report.problems) say(`PROBLEM  ${problem}`)
  const { p50, p99, max } = report.latenessMs
  say(`${report.runs} runs, ${report.pages} pages; lateness p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`)
  say(`All was settled and on disk ${(report.recoveryMs / 1000).toFixed(1)} s after the last fault.`)
  say(
    report.problems.length === 0
      ? `seed ${seed}: ${report.faults} faults, nothing lost, nothing paid twice.`
      : `seed ${seed}: ${report.problems.length} problems. Replay with: npm run chaos -- --seed ${seed} --minutes ${minutes}`,
  )
  return report.problems.length === 0 ? 0 : 1
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(2)
  },
)
