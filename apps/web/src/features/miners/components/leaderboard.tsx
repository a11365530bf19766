import { Text } from '@mantine/core'
import type { LeaderboardView } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { leaderboardQuery } from '../api/get-leaderboard.ts'
import { LeaderboardChoice } from './leaderboard-choice.tsx'

/** This week's miners, of those who joined; joining, renaming, leaving. */
export function Leaderboard() {
  const { t } = useTranslation()
  const board = useQuery(leaderboardQuery)
  return (
    <Surface title={t('miners.board')}>
      <Text c="dimmed" mb="sm">
        {t('miners.boardText')}
      </Text>
      {board.isPending && <TableSkeleton rows={2} />}
      {board.isError && !board.data && <ErrorNote error={board.error} onRetry={() => void board.refetch()} />}
      {board.data && (
        <>
          <Leaders board={board.data} />
          <LeaderboardChoice you={board.data.you} />
        </>
      )}
    </Surface>
  )
}

function Leaders({ board: { leaders, you } }: { board: LeaderboardView }) {
  const { t, i18n } = useTranslation()
  const isListed = leaders.some(({ isYou }) => isYou)
  const rows = you === undefined || isListed ? leaders : [...leaders, { ...you, isYou: true }]
  if (rows.length === 0) return <Text>{t('miners.boardEmpty')}</Text>
  return (
    <table className={table.table} aria-label={t('miners.boardCaption')}>
      <thead>
        <tr>
          <th scope="col">{t('miners.rank')}</th>
          <th scope="col">{t('miners.nickname')}</th>
          <th scope="col" className={table.number}>
            {t('miners.coins')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ rank, nickname, coins, isYou }) => (
          <tr key={nickname} aria-current={isYou || undefined}>
            <td>{rank}</td>
            <td>
              <Text span fw={isYou ? 600 : 400}>
                {nickname}
              </Text>
              {isYou && (
                <Text span c="dimmed">
                  {' '}
                  · {t('miners.you')}
                </Text>
              )}
            </td>
            <td className={table.number}>{coins.toLocaleString(i18n.language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
