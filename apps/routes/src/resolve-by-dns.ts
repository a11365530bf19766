import { lookup } from 'node:dns/promises'
import type { Resolve } from './application/spread-servers.ts'

/** The system's resolver: of a service of compose it gives one address for each container that runs. */
export const resolveByDns: Resolve = async (host) => {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return []
    throw error
  }
}
