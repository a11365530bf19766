import { escrowOf, mintAccount, userAccount } from '@quarry/domain'
import { SqliteEngine, SqliteLedgerStore, SqliteResultStore } from '@quarry/storage-sqlite'
import { anOrder, AppProcess, aRun, StandaloneProcess, waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let data: string
let running: StandaloneProcess | undefined
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'quarry-standalone-'))))
afterEach(async () => {
  await running?.process.kill()
  rmSync(data, { recursive: true, force: true })
})

/** What a process leaves behind that dies between a run and its settlement, and whose miner never comes back. */
async function leaveUnsettled(): Promise<void> {
  const engine = SqliteEngine.open(join(data, 'quarry.db'))
  const order = anOrder({ repetitions: 2 })
  const coins = { debit: mintAccount('c'), credit: userAccount(order.customerId), amountCoins: 2, at: 0 }
  await new SqliteLedgerStore(engine).apply([{ id: 'coins', kind: 'mint', ...coins }, escrowOf(order)])
  await new SqliteResultStore(engine).store([{ run: aRun({ rep: 0 }) }, { run: aRun({ rep: 1 }) }], Date.now())
  await engine.close()
}

async function audit() {
  const command = new AppProcess('coin', ['audit', '--grace', '0'], { env: { QUARRY_DATA: data } })
  const code = await command.exit()
  return { code, words: command.lines.join('\n') }
}

test('a run that was stored and not settled when the process died is settled when it starts again, once', async () => {
  await leaveUnsettled()
  expect(await audit()).toMatchObject({
    code: 1,
    words: expect.stringMatching(/^stored-is-settled {2}o1:0 .*\n.*o1:1 /),
  })
  running = await StandaloneProcess.start(data)
  await waitUntil('all is settled', async () => (await audit()).code === 0)
  await running.process.stop()
  const engine = SqliteEngine.open(join(data, 'quarry.db'))
  const { postedCoins } = await new SqliteLedgerStore(engine).balance(userAccount('miner'))
  await engine.close()
  expect(postedCoins).toBe(2)
}, 60_000)
