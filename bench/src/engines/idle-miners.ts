import { ApiClient, ClusterProcess } from '@quarry/testkit'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { round, say } from '../figures.ts'
import type { BenchOptions } from '../options.ts'
import { withScratch } from '../scratch.ts'
import { Script } from '../script.ts'
import { cpuPercent, residentMb } from '../process-figures.ts'
import { deployedNodeOptions } from './service-process.ts'
import { oneOfEach } from './throughput.ts'

export interface IdleMinersFigures {
  readonly miners: number
  readonly emptyMb: number
  readonly residentMb: number
  readonly idleCpuPercent: number
}

const LOAD_PROCESSES = 4
const SETTLE_MS = 20_000
const IDLE_MS = 20_000

/** One mining-server with so many miners connected to it, none of which has work. */
export function benchIdleMiners({ miners }: BenchOptions): Promise<IdleMinersFigures> {
  return withScratch(async (folder) => {
    const cluster = await ClusterProcess.start(join(folder, 'cluster'), {
      scale: oneOfEach,
      env: {
        NODE_OPTIONS: deployedNodeOptions('mining-server'),
        QUARRY_LOG_LEVEL: 'warn',
        QUARRY_MAX_MINERS_PER_USER: String(miners),
      },
    })
    try {
      return await measure(cluster, miners)
    } finally {
      await cluster.stop()
    }
  })
}

async function measure(cluster: ClusterProcess, miners: number): Promise<IdleMinersFigures> {
  const { session } = await ApiClient.signUp(cluster.url, 'miner')
  const { pid, address } = cluster.member('mining-server-1')
  const emptyMb = Math.round(residentMb(pid))
  const each = Math.ceil(miners / LOAD_PROCESSES)
  const loads = Array.from(
    { length: LOAD_PROCESSES },
    (_, n) => new Script('idle-miners-client', [address, session.accessToken, String(each), String(n)]),
  )
  try {
    const connected = await Promise.all(loads.map(async (load) => Number(await load.line())))
    say(`${connected.reduce((sum, one) => sum + one, 0)} connected, ${emptyMb} MB before, ${residentMb(pid)} MB now`)
    await sleep(SETTLE_MS)
    const idleCpuPercent = round(await cpuPercent(pid, IDLE_MS))
    const stillThere = await Promise.all(
      loads.map(async (load) => {
        load.child.stdin.write('count\n')
        return Number(await load.line())
      }),
    )
    const count = stillThere.reduce((sum, one) => sum + one, 0)
    if (count < miners) throw new Error(`${count} of ${miners} miners stayed connected`)
    return { miners: count, emptyMb, residentMb: Math.round(residentMb(pid)), idleCpuPercent }
  } finally {
    for (const load of loads) load.kill()
  }
}
