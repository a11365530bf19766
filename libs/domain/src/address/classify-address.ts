import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** `global`: unicast on the public internet. Anything else must not be reached without the operator's leave. */
export type AddressClass = 'global' | 'special' | 'invalid'

/** Inside 2000::/3, the only space from which global unicast addresses are given. */
const GLOBAL_IPV6 = ipaddr.IPv6.parse('2000::')
/** A public address that answers only inside one cloud, with its machines' metadata. */
const CLOUD_METADATA = new Set(['168.63.129.16'])

/**
 * Reads an address in its plain notation: four decimal parts, or IPv6 without a zone. Anything that an operating system
 * could read in two ways (octal, hexadecimal, fewer parts) is no address.
 */
export function parseAddress(ip: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return ipaddr.IPv4.parse(ip)
  if (!ip.includes(':') || ip.includes('%') || !ipaddr.IPv6.isValid(ip)) return undefined
  return ipaddr.IPv6.parse(ip)
}

/**
 * Tells public addresses from all others: private, loopback, link-local, shared (CGNAT), multicast, reserved,
 * documentation, benchmark, cloud metadata, unique local, and every IPv6 address that carries an IPv4 one (mapped,
 * compatible, translated, NAT64, 6to4, Teredo, ISATAP).
 */
export function classifyAddress(ip: string): AddressClass {
  const address = parseAddress(ip)
  if (!address) return 'invalid'
  if (address.range() !== 'unicast') return 'special'
  if (address.kind() === 'ipv4') return CLOUD_METADATA.has(address.toString()) ? 'special' : 'global'
  if (!address.match(GLOBAL_IPV6, 3)) return 'special'
  const { parts } = address as ipaddr.IPv6
  const isatap = parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200)
  return isatap ? 'special' : 'global'
}

/** Whether an address is unicast on the public internet. */
export function isGlobalUnicast(ip: string): boolean {
  return classifyAddress(ip) === 'global'
}
