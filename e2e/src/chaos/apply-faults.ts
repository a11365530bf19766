import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterProcess } from '@quarry/testkit'
import type { ChaosClients } from './clients.ts'
import type { Fault } from './fault-plan.ts'

/** Lets each fault happen at its time; resolves when the last pause is over. `say` is told of each. */
export async function applyFaults(
  faults: readonly Fault[],
  { cluster, clients, say }: { cluster: ClusterProcess; clients: ChaosClients; say: (line: string) => void },
): Promise<void> {
  const startedAt = performance.now()
  const pauses: Promise<void>[] = []
  const signal = (name: string, kind: NodeJS.Signals) => {
    try {
      if (clients.has(name)) clients.signal(name, kind)
      else cluster.signal(name, kind)
    } catch (error) {
      // It died a moment ago and its supervisor has not started it yet: nothing to hit.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  for (const fault of faults) {
    await sleep(Math.max(0, startedAt + fault.atMs - performance.now()))
    say(`${(fault.atMs / 1000).toFixed(1).padStart(6)} s  ${fault.kind} ${fault.target}${pauseWords(fault)}`)
    if (fault.kind === 'empty') await emptyRedis(cluster.env['QUARRY_REDIS'] ?? '', say)
    else if (fault.kind === 'kill') signal(fault.target, 'SIGKILL')
    else {
      const pid = clients.has(fault.target) ? undefined : cluster.member(fault.target).pid
      signal(fault.target, 'SIGSTOP')
      pauses.push(
        sleep(fault.forMs).then(() => {
          if (pid === undefined || cluster.member(fault.target).pid === pid) signal(fault.target, 'SIGCONT')
        }),
      )
    }
  }
  await Promise.all(pauses)
}

function pauseWords({ forMs }: Fault): string {
  return forMs === undefined ? '' : ` for ${(forMs / 1000).toFixed(1)} s`
}

/** FLUSHALL over a bare connection; when Redis is down right now there is nothing to empty. */
async function emptyRedis(url: string, say: (line: string) => void): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await new Promise<void>((resolve) => {
    socket.once('error', () => resolve(say('          Redis is down, nothing to empty')))
    socket.setTimeout(10_000, () => resolve(say('          Redis does not answer, nothing was emptied')))
    socket.once('data', () => resolve())
    socket.write('FLUSHALL\r\n')
  })
  socket.destroy()
}
