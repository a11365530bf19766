/**
 * `npm test [-- filters and options of Vitest]`: runs the tests and closes with `N passed, N failed`, alone on the last
 * line. A test file that could not be loaded and an error outside any test count as failed. Where CI is set, a skipped
 * test is a failure too: a check that did not run must not look like one that passed.
 */
import { parseCLI, startVitest } from 'vitest/node'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const vitest = await startVitest('test', filter, { ...options, run: true, watch: false })

const modules = vitest.state.getTestModules()
const tests = modules.flatMap((module) => [...module.children.allTests()])
const inState = (state) => tests.filter((test) => test.result().state === state)
const broken = modules.filter((module) => module.errors().length > 0 || module.state() === 'pending')
const brokenSuites = modules
  .flatMap((module) => [...module.children.allSuites()])
  .filter((suite) => suite.errors().length > 0)
const stray = vitest.state.getUnhandledErrors()
const unfinished = inState('pending')
const skipped = options.testNamePattern ? [] : inState('skipped')
const skippedInCi = process.env.CI ? skipped : []
await vitest.close()

for (const test of skipped)
  print(`${process.env.CI ? 'FAILED: skipped' : 'skipped'}: ${test.module.relativeModuleId} > ${test.fullName}`)
if (tests.length === 0) print('No test ran.')

const counted = [inState('failed'), broken, brokenSuites, stray, unfinished, skippedInCi].reduce(
  (sum, list) => sum + list.length,
  0,
)
// Vitest may have a reason of its own to refuse the run: then the closing line must not look clean.
const failed = counted === 0 && tests.length > 0 && process.exitCode ? 1 : counted
process.exitCode = failed > 0 || tests.length === 0 ? 1 : 0
print(`\n${inState('passed').length} passed, ${failed} failed`)
// A handle that a test left open must not keep the run from ending; the reporter has already named it.
process.exit()

function print(line) {
  process.stdout.write(`${line}\n`)
}
