import { Button, Checkbox, Group, Skeleton, Stack, Text } from '@mantine/core'
import { notifications as toasts } from '@mantine/notifications'
import type { NotificationsView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { NumberInput } from '../../../ui/number-input.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { notificationsQuery } from '../api/notifications-query.ts'
import { saveSettings } from '../api/save-settings.ts'

const MOST_MISSES = 20
const MOST_COINS = 1_000_000_000

/** Mails, and from when on something counts as failing or low: for mails and webhooks alike. */
export function SettingsForm() {
  const { t } = useTranslation()
  const view = useQuery(notificationsQuery)
  return (
    <Surface title={t('notifications.settings')}>
      {view.isPending && <Skeleton h={{ base: 396, sm: 352 }} />}
      {view.isError && !view.data && <ErrorNote error={view.error} onRetry={() => void view.refetch()} />}
      {view.data && <Fields view={view.data} />}
    </Surface>
  )
}

function Fields({ view }: { view: NotificationsView }) {
  const { t, i18n } = useTranslation()
  const cache = useQueryClient()
  const [mail, setMail] = useState(view.mail)
  const [misses, setMisses] = useState<number | string>(view.missesInARow)
  const [threshold, setThreshold] = useState<number | string>(view.lowBalanceCoins ?? '')
  const save = useMutation({
    mutationFn: () =>
      saveSettings({
        mail: { ...mail, language: i18n.language === 'de' ? 'de' : 'en' },
        missesInARow: Number(misses),
        ...(threshold !== '' && { lowBalanceCoins: Number(threshold) }),
      }),
    onSuccess: (saved) => {
      toasts.show({ message: t('notifications.saved') })
      cache.setQueryData(keys.notifications, saved)
    },
  })
  const missesProblem = isWhole(misses, MOST_MISSES) ? undefined : t('notifications.missesRange', { most: MOST_MISSES })
  const thresholdProblem =
    threshold === '' || isWhole(threshold, MOST_COINS) ? undefined : t('notifications.thresholdRange')
  const mails = ['changed', 'failed', 'lowBalance'] as const
  return (
    <form
      noValidate
      aria-label={t('notifications.settings')}
      onSubmit={(event) => {
        event.preventDefault()
        if (missesProblem === undefined && thresholdProblem === undefined) save.mutate()
      }}
    >
      <Stack gap="md">
        <fieldset style={{ border: 0, margin: 0, padding: 0 }} disabled={view.mailTo === undefined}>
          <Text component="legend" fw={500}>
            {t('notifications.mails')}
          </Text>
          <Text c="dimmed" mb="xs">
            {view.mailTo === undefined
              ? t('notifications.noMailer')
              : t('notifications.mailTo', { address: view.mailTo })}
          </Text>
          <Stack gap="xs">
            {mails.map((each) => (
              <Checkbox
                key={each}
                label={t(`notifications.mailKinds.${each}`)}
                checked={mail[each]}
                onChange={({ currentTarget }) => setMail({ ...mail, [each]: currentTarget.checked })}
              />
            ))}
          </Stack>
        </fieldset>
        <NumberInput
          label={t('notifications.misses')}
          description={t('notifications.missesHint')}
          value={misses}
          onChange={setMisses}
          min={1}
          max={MOST_MISSES}
          allowDecimal={false}
          error={missesProblem}
        />
        <NumberInput
          label={t('notifications.threshold')}
          description={t('notifications.thresholdHint')}
          value={threshold}
          onChange={setThreshold}
          min={1}
          max={MOST_COINS}
          allowDecimal={false}
          grouped
          error={thresholdProblem}
        />
        <ErrorNote error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {t('notifications.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function isWhole(value: number | string, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
}
