import type { Random } from './clock.ts'

/** A new W3C Trace Context `traceparent`, sampled. */
export function newTraceparent(random: Random): string {
  return `00-${hex8(random)}${hex8(random)}${hex8(random)}${hex8(random)}-${hex8(random)}${hex8(random)}-01`
}

function hex8(random: Random): string {
  return Math.floor(random.next() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
}
