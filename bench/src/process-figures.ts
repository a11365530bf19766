import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Linux counts a process's CPU time in these. */
const TICKS_PER_SECOND = 100

/** Resident memory of a process, in MB of 10^6 bytes. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}

/** CPU time that a process takes over a while, in percent of one core. */
export async function cpuPercent(pid: number, overMs: number): Promise<number> {
  const from = cpuSeconds(pid)
  const begun = performance.now()
  await sleep(overMs)
  return ((cpuSeconds(pid) - from) / ((performance.now() - begun) / 1000)) * 100
}

/** CPU time that a process and its children, and theirs, have taken so far. */
export function cpuSeconds(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return children.reduce((sum, child) => sum + cpuSeconds(child), ownCpuSeconds(pid))
}

function ownCpuSeconds(pid: number): number {
  // The second field, the program's name, may hold anything: the fields are counted from behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
