import { CodedError } from '@quarry/contracts'
import { checkTarget, err, ok, parseTarget, type AllowList, type Result, type Target } from '@quarry/domain'

/** What an operator allows beyond the public internet, and which pattern of the deny-list a host meets. */
export interface TargetRules {
  readonly allowed: AllowList
  readonly deniedBy?: (host: string) => string | undefined
}

/** The target of a customer's URL when it may be fetched; else `invalid_input`, `address_forbidden` or `host_denied`, with the field `url`. */
export function checkedTarget(url: string, { allowed, deniedBy }: TargetRules): Result<Target, CodedError> {
  const target = parseTarget(url)
  if (!target.ok) {
    const { problem, allowed: instead } = target.error
    const fields = [{ field: 'url', problem, allowed: instead }]
    return err(new CodedError('invalid_input', `url ${problem} (allowed: ${instead})`, { fields }))
  }
  const reachable = checkTarget(new URL(target.value.url), { allow: allowed })
  if (reachable.ok) {
    const pattern = deniedBy?.(target.value.host)
    return pattern === undefined ? ok(target.value) : err(denied(pattern))
  }
  const { detail } = reachable.error
  const fields = [{ field: 'url', problem: detail, allowed: 'a public http or https address on port 80 or 443' }]
  return err(new CodedError('address_forbidden', `url: ${detail}`, { fields }))
}

function denied(pattern: string): CodedError {
  const fields = [{ field: 'url', problem: `is denied by the rule ${pattern}`, allowed: 'a host that is not denied' }]
  return new CodedError('host_denied', `The operator lets no order go to ${pattern}.`, { fields })
}
