import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { leaderboardQuery } from '../api/get-leaderboard.ts'
import { LeaderboardChoice } from './leaderboard-choice.tsx'

/** Whether others see the user on the leaderboard, without the leaderboard itself. */
export function LeaderboardPanel() {
  const { t } = useTranslation()
  const board = useQuery(leaderboardQuery)
  return (
    <Surface id="leaderboard" title={t('miners.panel')}>
      {board.isPending && <Skeleton h={74} />}
      {board.isError && !board.data && <ErrorNote error={board.error} onRetry={() => void board.refetch()} />}
      {board.data && (
        <>
          <Text c="dimmed">
            {board.data.you ? t('miners.listedAs', { nickname: board.data.you.nickname }) : t('miners.notListed')}
          </Text>
          <LeaderboardChoice you={board.data.you} />
        </>
      )}
    </Surface>
  )
}
