import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { parseNickname } from '@quarry/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { joinLeaderboard } from '../api/join-leaderboard.ts'

interface NicknameDialogProps {
  readonly opened: boolean
  readonly nickname: string
  readonly onClose: () => void
}

/** Asks for the name to be shown; it is checked here as the server does. */
export function NicknameDialog({ opened, nickname, onClose }: NicknameDialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} onClose={onClose} title={t('miners.joinTitle')}>
      <NicknameForm nickname={nickname} onDone={onClose} />
    </Dialog>
  )
}

function NicknameForm({ nickname, onDone }: { nickname: string; onDone: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [text, setText] = useState(nickname)
  const [tried, setTried] = useState(false)
  const join = useMutation({
    mutationFn: joinLeaderboard,
    onSuccess: (_, joined) => {
      notifications.show({ message: t('miners.joined', { nickname: joined }) })
      onDone()
      return cache.invalidateQueries({ queryKey: keys.leaderboard })
    },
  })
  const parsed = parseNickname(text)
  const problem = parsed.ok
    ? undefined
    : t(parsed.error === 'shape' ? 'miners.nicknameShape' : 'miners.nicknameReserved')
  return (
    <form
      noValidate
      aria-label={t('miners.joinTitle')}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (parsed.ok) join.mutate(parsed.value.shown)
      }}
    >
      <Stack gap="md">
        <Text>{t('miners.joinText')}</Text>
        <TextInput
          label={t('miners.nickname')}
          description={t('miners.nicknameHint')}
          value={text}
          maxLength={20}
          autoComplete="off"
          data-autofocus
          error={tried ? problem : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ErrorNote error={join.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={join.isPending}>
            {t('miners.join')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
