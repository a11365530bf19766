import { submissionSchema, type Submission } from '@quarry/contracts'
import type { IncomingSubmission } from '../application/accept-submissions.ts'
import type { AssembleBodies } from '../application/assemble-bodies.ts'

/**
 * Checks each envelope and finds its body: a slice of the joined ones, or the one that came in chunks. An envelope that
 * breaks the contract makes no other invalid, as long as the size that it names is the size that it took.
 */
export function toIncoming(
  list: readonly unknown[],
  joined: Uint8Array,
  assembly: AssembleBodies,
): IncomingSubmission[] {
  const sizes = list.map(inlineBytes)
  const adds = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) === joined.byteLength
  let at = 0
  return list.map((one, index) => {
    const size = sizes[index]
    const inline = adds && size !== undefined ? joined.subarray(at, (at += size)) : undefined
    const token = tokenOf(one)
    const { data: submission } = submissionSchema.safeParse(one)
    return { token, submission, body: submission && bodyOf(submission, inline, assembly) }
  })
}

function bodyOf(
  submission: Submission,
  inline: Uint8Array | undefined,
  assembly: AssembleBodies,
): Uint8Array | undefined {
  if (submission.outcome.kind !== 'page') return undefined
  return submission.chunked ? assembly.finish(submission.token) : inline
}

/** What a submission takes of the joined bodies, by its own words; undefined when it has no body there. */
function inlineBytes(one: unknown): number | undefined {
  const { chunked, outcome } = (one ?? {}) as {
    chunked?: unknown
    outcome?: { kind?: unknown; content?: { storedBytes?: unknown } | null } | null
  }
  const storedBytes = outcome?.kind === 'page' ? outcome.content?.storedBytes : undefined
  return chunked !== true && Number.isSafeInteger(storedBytes) && Number(storedBytes) >= 0
    ? Number(storedBytes)
    : undefined
}

function tokenOf(one: unknown): string {
  const token = (one as { token?: unknown } | null)?.token
  return typeof token === 'string' ? token : ''
}
