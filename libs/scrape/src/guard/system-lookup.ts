import { lookup } from 'node:dns/promises'
import type { Lookup } from '../fetch-types.ts'

/** All addresses that the operating system knows for a name, hosts file included. */
export const systemLookup: Lookup = (hostname) => lookup(hostname, { all: true, order: 'verbatim' })
