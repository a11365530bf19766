import type { KernelConfig } from '@quarry/service-kit'

/** Of a request, what tells under which address it came. */
export interface AddressedRequest {
  readonly protocol: string
  readonly host: string
}

/** An address of the site as people open it: `QUARRY_PUBLIC_URL`, or where this very request was sent. */
export function siteAddress(
  config: Pick<KernelConfig, 'publicUrl'>,
  { protocol, host }: AddressedRequest,
  path: string,
): string {
  return new URL(path, config.publicUrl ?? `${protocol}://${host}`).href
}
