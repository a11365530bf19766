import { Button, Group, Stack, Text } from '@mantine/core'
import type { BrowserSessionView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import { endOtherSessions, endSession, listSessions } from '../api/sessions.ts'

/** The browsers in which the user is signed in, each with a way to sign it out. */
export function SessionList() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const sessions = useQuery({ queryKey: keys.sessions, queryFn: listSessions })
  const onSuccess = () => cache.invalidateQueries({ queryKey: keys.sessions })
  const end = useMutation({ mutationFn: endSession, onSuccess })
  const endOthers = useMutation({ mutationFn: endOtherSessions, onSuccess })
  const list = sessions.data ?? []
  return (
    <Surface id="sessions" title={t('account.sessionList')}>
      <Stack gap="md">
        {sessions.isPending && <TableSkeleton rows={2} />}
        <ErrorNote error={sessions.error ?? end.error ?? endOthers.error ?? undefined} />
        {sessions.isPending && <TableSkeleton rows={2} />}
        <Stack component="ul" gap="sm" m={0} p={0} aria-label={t('account.sessionList')} style={{ listStyle: 'none' }}>
          {list.map((session) => (
            <Group component="li" key={session.id} justify="space-between" wrap="nowrap">
              <div>
                <Text fw={500}>{nameOf(session) ?? t('account.sessionUnknown')}</Text>
                <Text size="sm" c="dimmed">
                  {session.current ? t('account.sessionCurrent') : <RelativeTime at={session.lastUsedAt} />}
                  {' · '}
                  {t('account.sessionSince')} <ExactTime at={session.createdAt} />
                </Text>
              </div>
              {!session.current && (
                <Button
                  style={{ flexShrink: 0 }}
                  variant="default"
                  size="xs"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                >
                  {t('account.sessionEnd')}
                </Button>
              )}
            </Group>
          ))}
        </Stack>
        {list.length > 1 && (
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
          >
            {t('account.sessionEndOthers')}
          </Button>
        )}
      </Stack>
    </Surface>
  )
}

/** `Firefox, Linux`, as far as the browser says; what it says is its own affair, and only ever shown as text. */
function nameOf({ device = '' }: BrowserSessionView): string | undefined {
  const browser = /\b(Edg|OPR|Firefox|Chrome|Safari)\//.exec(device)?.[1]
  const system = /\b(Android|iPhone|iPad|Windows|Mac OS X|Linux)\b/.exec(device)?.[1]
  const known = [browser?.replace('Edg', 'Edge').replace('OPR', 'Opera'), system].filter((part) => part !== undefined)
  return known.length > 0 ? known.join(', ') : device.slice(0, 60) || undefined
}
