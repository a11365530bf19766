import { CodedError } from '@quarry/contracts'
import { checkTarget, err, ok, parseTarget, type AllowList, type Result, type Target } from '@quarry/domain'

/** The target of a customer's URL when it may be fetched; else `invalid_input` or `address_forbidden`, with the field `url`. */
export function checkedTarget(url: string, allowed: AllowList): Result<Target, CodedError> {
  const target = parseTarget(url)
  if (!target.ok) {
    const { problem, allowed: instead } = target.error
    const fields = [{ field: 'url', problem, allowed: instead }]
    return err(new CodedError('invalid_input', `url ${problem} (allowed: ${instead})`, { fields }))
  }
  const reachable = checkTarget(new URL(target.value.url), { allow: allowed })
  if (reachable.ok) return ok(target.value)
  const { detail } = reachable.error
  const fields = [{ field: 'url', problem: detail, allowed: 'a public http or https address on port 80 or 443' }]
  return err(new CodedError('address_forbidden', `url: ${detail}`, { fields }))
}
