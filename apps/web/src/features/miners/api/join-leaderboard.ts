import { request } from '../../../http/request.ts'

/** Puts the user on the leaderboard under this name, or renames them. */
export function joinLeaderboard(nickname: string): Promise<unknown> {
  return request('/api/v1/leaderboard/nickname', { method: 'PUT', json: { nickname } })
}

export function leaveLeaderboard(): Promise<unknown> {
  return request('/api/v1/leaderboard/nickname', { method: 'DELETE' })
}
