import { PRIMARY_NOTICE_PATH, type PrimaryNotice, type SchedulerMember } from '@quarry/contracts'
import type { Logger } from 'pino'

const TIMEOUT_MS = 2_000

/** Tells the schedulers that this manager leads now. One that cannot be reached finds it by itself, a little later. */
export async function tellSchedulers(
  members: readonly SchedulerMember[],
  notice: PrimaryNotice,
  by: { secret: string; logger: Logger },
): Promise<void> {
  await Promise.all(
    members.map(async ({ memberId, address }) => {
      if (address === undefined) return
      try {
        const response = await fetch(new URL(PRIMARY_NOTICE_PATH, address), {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${by.secret}` },
          body: JSON.stringify(notice),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!response.ok) throw new Error(`answered ${response.status}`)
      } catch (error) {
        by.logger.info(
          { memberId, address, reason: reasonOf(error) },
          'a scheduler could not be told of the new primary',
        )
      }
    }),
  )
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
