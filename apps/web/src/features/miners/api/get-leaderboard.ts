import type { LeaderboardView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const leaderboardQuery = queryOptions({
  queryKey: keys.leaderboard,
  queryFn: ({ signal }) => request<LeaderboardView>('/api/v1/leaderboard', { signal }),
})
