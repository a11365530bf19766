import { Button, Stack, Text } from '@mantine/core'
import type { EntranceView } from '@quarry/contracts'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { startSession } from '../../../http/session.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { enterAsGuest, startElsewhere } from '../api/entrance.ts'

interface EntranceWaysProps {
  readonly entrance: EntranceView
  readonly next: string | undefined
  /** Where a guest goes. */
  readonly onEntered: () => void
}

/** The ways in beside the password, as far as the operator has switched them on. */
export function EntranceWays({ entrance, next, onEntered }: EntranceWaysProps) {
  const { t, i18n } = useTranslation()
  const { providers, guests } = entrance
  const leave = useMutation({
    mutationFn: (provider: string) =>
      startElsewhere(provider, { next, language: i18n.language === 'de' ? 'de' : 'en' }),
    onSuccess: ({ url }) => window.location.assign(url),
  })
  const enter = useMutation({
    mutationFn: enterAsGuest,
    onSuccess: (session) => {
      startSession(session)
      onEntered()
    },
  })
  if (providers.length === 0 && !guests) return null
  // Once it worked, the browser is on its way to another site, and the button stays busy.
  const leaving = leave.isPending || leave.isSuccess ? leave.variables : undefined
  return (
    <Stack gap="sm">
      <Text c="dimmed" ta="center">
        {t('elsewhere.or')}
      </Text>
      <ErrorNote error={leave.error ?? enter.error} />
      {providers.map(({ id, name }) => (
        <Button key={id} variant="default" loading={leaving === id} onClick={() => leave.mutate(id)}>
          {t('elsewhere.continueWith', { name })}
        </Button>
      ))}
      {guests && (
        <Button variant="subtle" loading={enter.isPending} onClick={() => enter.mutate()}>
          {t('elsewhere.lookAround')}
        </Button>
      )}
    </Stack>
  )
}
