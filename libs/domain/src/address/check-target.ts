import type { Result } from '../result.ts'
import { err, ok } from '../result.ts'
import type { AllowList } from './allow-list.ts'
import { isListed, listsNetworks } from './allow-list.ts'
import { classifyAddress, isGlobalUnicast } from './classify-address.ts'

/** Ports beside 80 and 443 on which any public host may be asked. */
export type AllowedPorts = readonly number[] | 'any'

/** What an operator admits beyond public hosts on ports 80 and 443. */
export interface TargetPolicy {
  readonly allow: AllowList
  readonly ports?: AllowedPorts
}

/** Why a target is refused, with a sentence for the customer that gives no address away. */
export interface TargetRefusal {
  readonly rule: 'scheme' | 'credentials' | 'host' | 'port'
  readonly detail: string
}

const LOCAL_SUFFIXES = ['.local', '.internal', '.home.arpa', '.lan', '.intranet', '.corp', '.home', '.private']
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1']

/** The addresses of `localhost` and the names below it, which no resolver is asked for; undefined for other names. */
export function loopbackAddressesOf(hostname: string, allow: AllowList): readonly string[] | undefined {
  const name = plainName(hostname)
  if (name !== 'localhost' && !name.endsWith('.localhost')) return undefined
  return LOOPBACK_ADDRESSES.filter((ip) => isListed(ip, allow))
}

/**
 * Refuses a host that can be seen to lie outside the public internet without asking a resolver: an address of any
 * notation that is not global, or a name that only a local network knows. An allow-list that reaches beyond the machine
 * itself lets such names pass, as what they resolve to is checked again when a miner connects.
 */
export function checkHostLiteral(hostname: string, allow: AllowList): Result<void, TargetRefusal> {
  const host = normalHost(hostname)
  if (host === undefined) return refuse('host', 'The host name is not valid.')
  if (classifyAddress(host) !== 'invalid') {
    return isGlobalUnicast(host) || isListed(host, allow) ? ok(undefined) : refuse('host', NOT_PUBLIC)
  }
  const loopback = loopbackAddressesOf(host, allow)
  if (loopback) return loopback.length > 0 ? ok(undefined) : refuse('host', NOT_PUBLIC)
  const name = plainName(host)
  const local = !name.includes('.') || LOCAL_SUFFIXES.some((suffix) => name.endsWith(suffix))
  return local && !listsNetworks(allow) ? refuse('host', NOT_PUBLIC) : ok(undefined)
}

/**
 * Checks all of a URL that can be judged without a resolver: scheme, credentials, host and port. A name on another port
 * than 80 and 443 passes only where an allow-list may still admit its address (`portNeedsListing`).
 */
export function checkTarget(url: URL, policy: TargetPolicy): Result<void, TargetRefusal> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse('scheme', 'Only http and https addresses can be fetched.')
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('credentials', 'An address with a user name or a password in it cannot be fetched.')
  }
  const host = checkHostLiteral(url.hostname, policy.allow)
  if (!host.ok) return host
  if (!portNeedsListing(portOf(url), policy.ports)) return host
  return mayBeListed(url.hostname, policy.allow) ? host : refuse('port', 'Only ports 80 and 443 can be fetched.')
}

/** Whether a port is open only to addresses of the allow-list. */
export function portNeedsListing(port: number, ports: AllowedPorts | undefined): boolean {
  if (port === 80 || port === 443 || ports === 'any') return false
  return !ports?.includes(port)
}

/** The port that a URL's requests go to. */
export function portOf(url: Pick<URL, 'port' | 'protocol'>): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

const NOT_PUBLIC = 'The host is not on the public internet.'

function refuse(rule: TargetRefusal['rule'], detail: string): Result<never, TargetRefusal> {
  return err({ rule, detail })
}

function mayBeListed(hostname: string, allow: AllowList): boolean {
  const host = normalHost(hostname) ?? ''
  if (classifyAddress(host) !== 'invalid') return isListed(host, allow)
  return loopbackAddressesOf(host, allow) !== undefined || listsNetworks(allow)
}

/** The host as the URL standard reads it, which turns every notation of an address into the plain one. */
function normalHost(hostname: string): string | undefined {
  const text = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
  // The URL parser drops line ends; a text with any is not what its author calls a host.
  if (/\s/.test(text) || !URL.canParse(`http://${text}/`)) return undefined
  const url = new URL(`http://${text}/`)
  if (url.href !== `http://${url.hostname}/`) return undefined
  return url.hostname.replace(/^\[|\]$/g, '')
}

function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
