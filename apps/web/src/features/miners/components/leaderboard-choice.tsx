import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { LeaderboardView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { leaveLeaderboard } from '../api/join-leaderboard.ts'
import { NicknameDialog } from './nickname-dialog.tsx'

/** Joining the leaderboard, under which name, and leaving it. */
export function LeaderboardChoice({ you }: { you: LeaderboardView['you'] }) {
  const { t } = useTranslation()
  const [naming, setNaming] = useState(false)
  return (
    <>
      <Group gap="xs" mt="md">
        <Button variant="default" onClick={() => setNaming(true)}>
          {t(you ? 'miners.rename' : 'miners.join')}
        </Button>
        {you && <LeaveButton />}
      </Group>
      <NicknameDialog opened={naming} nickname={you?.nickname ?? ''} onClose={() => setNaming(false)} />
    </>
  )
}

function LeaveButton() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const leave = useMutation({
    mutationFn: leaveLeaderboard,
    onSuccess: () => notifications.show({ message: t('miners.left') }),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.leaderboard }),
  })
  return (
    <>
      <Button variant="subtle" color="gray" c="inherit" loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('miners.leave')}
      </Button>
      <ErrorNote error={leave.error} />
    </>
  )
}
