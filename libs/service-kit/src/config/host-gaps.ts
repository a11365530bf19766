import { z } from 'zod'

/** The politeness gap of each host: one request a second unless the operator says otherwise (promise 11). */
export interface HostGaps {
  gapMs(host: string): number
}

const DEFAULT_GAP_MS = 1000
const ENTRY = /^([^=\s]+)=(\d{1,8})$/

/** Reads `default=1000,example.com=500,127.0.0.1:8088=0`; a host without a port stands for all its ports. */
export const hostGapsSchema = z
  .string()
  .default('')
  .transform((text, context): HostGaps => {
    const gaps = new Map<string, number>()
    for (const entry of text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      const match = ENTRY.exec(entry)
      if (match) gaps.set(match[1]!.toLowerCase(), Number(match[2]))
      else context.addIssue({ code: 'custom', message: `"${entry}" is not host=milliseconds` })
    }
    const fallback = gaps.get('default') ?? DEFAULT_GAP_MS
    return { gapMs: (host) => gaps.get(host) ?? gaps.get(host.replace(/:\d+$/, '')) ?? fallback }
  })
