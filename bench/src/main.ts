import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { benchEngines } from './engines/bench-engines.ts'
import { awaitCalm, say, withLoad } from './figures.ts'
import { readOptions, type BenchOptions } from './options.ts'
import { benchStandalone } from './standalone.ts'

/** `npm run bench`: see `--help`. */
async function figuresOf(options: BenchOptions): Promise<object> {
  if (options.ground === 'engines') return { engines: await benchEngines(options) }
  await awaitCalm(options.calmMs)
  const { latenessMs, ...standalone } = await withLoad(() => benchStandalone(options))
  return { standalone, latenessMs }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options !== undefined) {
    say(`${cpus().length} cores.`)
    const text = `${JSON.stringify(await figuresOf(options), null, 2)}\n`
    process.stdout.write(text)
    if (options.json !== undefined) writeFileSync(options.json, text)
  }
  process.exit()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
