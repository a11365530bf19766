import { QueryClient } from '@tanstack/react-query'
import { asCodedError } from '../http/errors.ts'
import { onSessionChange, sessionState } from '../http/session.ts'

const MOST_RETRIES = 2

/** The cache of everything read from the API. Live events keep it fresh, so nothing goes stale by time alone. */
export function newQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < MOST_RETRIES && asCodedError(error).retryable,
      },
    },
  })
  // Another person must never see what the one before has read.
  onSessionChange(() => {
    if (sessionState().kind === 'signed-out') client.clear()
  })
  return client
}
