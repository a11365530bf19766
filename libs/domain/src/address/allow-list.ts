import ipaddr from 'ipaddr.js'
import type { Result } from '../result.ts'
import { err, ok } from '../result.ts'
import type { Address } from './classify-address.ts'
import { parseAddress } from './classify-address.ts'

interface Range {
  readonly network: Address
  readonly prefixBits: number
}

/** Addresses that an operator admits although they are not on the public internet. */
export interface AllowList {
  readonly ranges: readonly Range[]
}

/** Admits nothing beyond the public internet. */
export const ALLOW_NOTHING: AllowList = { ranges: [] }

/**
 * Reads a comma list of addresses and CIDR ranges (`127.0.0.1, 10.1.0.0/16, fd00::/8`); an empty text admits nothing.
 * The error names the entry that is wrong and is meant for the operator.
 */
export function parseAllowList(text: string): Result<AllowList, string> {
  const ranges: Range[] = []
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const range = parseRange(entry)
    if (!range) return err(`"${entry}" is neither an IP address nor a CIDR range such as 10.1.0.0/16`)
    ranges.push(range)
  }
  return ok({ ranges })
}

function parseRange(entry: string): Range | undefined {
  const [address = '', prefix, ...rest] = entry.split('/')
  const network = parseAddress(address)
  if (!network || rest.length > 0) return undefined
  const widest = network.kind() === 'ipv4' ? 32 : 128
  if (prefix === undefined) return { network, prefixBits: widest }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > widest) return undefined
  return { network, prefixBits: Number(prefix) }
}

/** Whether the list admits an address; false for a text that is no address. IPv4 inside IPv6 matches IPv6 ranges only. */
export function isListed(ip: string, allow: AllowList): boolean {
  const address = allow.ranges.length === 0 ? undefined : parseAddress(ip)
  if (!address) return false
  return allow.ranges.some(
    ({ network, prefixBits }) => network.kind() === address.kind() && address.match(network, prefixBits),
  )
}

const LOOPBACK: readonly Range[] = [
  { network: ipaddr.IPv4.parse('127.0.0.0'), prefixBits: 8 },
  { network: ipaddr.IPv6.parse('::1'), prefixBits: 128 },
]

/** Whether the list reaches into a network beyond the machine itself. */
export function listsNetworks(allow: AllowList): boolean {
  return allow.ranges.some((range) => !LOOPBACK.some((loopback) => isWithin(range, loopback)))
}

function isWithin(inner: Range, outer: Range): boolean {
  return (
    inner.network.kind() === outer.network.kind() &&
    inner.prefixBits >= outer.prefixBits &&
    inner.network.match(outer.network, outer.prefixBits)
  )
}
