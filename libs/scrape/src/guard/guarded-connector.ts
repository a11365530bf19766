import type { TargetPolicy } from '@quarry/domain'
import { isGlobalUnicast, isListed, loopbackAddressesOf, portNeedsListing, portOf } from '@quarry/domain'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import type { Lookup } from '../fetch-types.ts'

/** Refused by the guard; the message is for the customer and names no address. */
export class ForbiddenAddressError extends Error {}

interface GuardOptions {
  readonly policy: TargetPolicy
  readonly lookup: Lookup
  readonly connectMs: number
  readonly ca?: string
}

/**
 * Opens connections to permitted addresses only. A name is resolved once and every address it has is checked; the
 * connection goes to one of exactly these addresses, so a second answer of a rebinding resolver is never asked for.
 * TLS still demands a certificate of the name. What a kept connection was checked for stays true while it lasts.
 */
export function guardedConnector(options: GuardOptions): buildConnector.connector {
  const anyPublic = (ip: string) => isGlobalUnicast(ip) || isListed(ip, options.policy.allow)
  const listedOnly = (ip: string) => isListed(ip, options.policy.allow)
  const toPublic = connectorThrough(options, anyPublic)
  const toListed = connectorThrough(options, listedOnly)
  return (target, callback) => {
    const needsListing = portNeedsListing(portOf(target), options.policy.ports)
    if (isIP(target.hostname) !== 0 && !(needsListing ? listedOnly : anyPublic)(target.hostname)) {
      callback(forbidden(needsListing && anyPublic(target.hostname)), null)
      return
    }
    const connect = needsListing ? toListed : toPublic
    connect(target, callback)
  }
}

function connectorThrough(options: GuardOptions, permits: (ip: string) => boolean): buildConnector.connector {
  // Node asks this lookup for names only, and connects to what it answers, trying one address after the other.
  const lookup: LookupFunction = (hostname, _options, answer) => {
    permittedAddresses(hostname, options, permits).then(
      (addresses) => answer(null, addresses as LookupAddress[]),
      (error: unknown) => answer(error as NodeJS.ErrnoException, []),
    )
  }
  return buildConnector({
    lookup,
    autoSelectFamily: true,
    timeout: options.connectMs,
    allowH2: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
}

async function permittedAddresses(
  hostname: string,
  options: GuardOptions,
  permits: (ip: string) => boolean,
): Promise<readonly LookupAddress[]> {
  const loopback = loopbackAddressesOf(hostname, options.policy.allow)
  const addresses: readonly LookupAddress[] = loopback
    ? loopback.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    : await options.lookup(hostname)
  if (addresses.length === 0) throw loopback ? forbidden(false) : noAddress()
  // One bad address condemns the name: a site has no reason to mix them, an attacker has.
  const refused = addresses.filter(({ address }) => !permits(address))
  if (refused.length > 0) throw forbidden(refused.every(({ address }) => isGlobalUnicast(address)))
  return addresses
}

function forbidden(byPort: boolean): ForbiddenAddressError {
  return new ForbiddenAddressError(
    byPort ? 'Only ports 80 and 443 can be fetched.' : 'The host is not on the public internet.',
  )
}

function noAddress(): Error {
  return Object.assign(new Error('The name has no address'), { code: 'ENOTFOUND' })
}
