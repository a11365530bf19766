import { Button, Skeleton, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { unsubscribe } from '../api/save-settings.ts'

/** Ends the mails as soon as the link of a mail is opened. Repeating it changes nothing. */
export function UnsubscribePanel({ token }: { token: string }) {
  const { t } = useTranslation()
  const { mutate, ...end } = useMutation({ mutationFn: unsubscribe })
  useEffect(() => mutate(token), [mutate, token])
  if (end.isError) return <ErrorNote error={end.error} onRetry={() => mutate(token)} />
  if (!end.isSuccess) return <Skeleton h={48} />
  return (
    <>
      <Text mb="md" role="status">
        {t('notifications.unsubscribed')}
      </Text>
      <Button variant="default" renderRoot={(props) => <Link to="/notifications" {...props} />}>
        {t('notifications.toSettings')}
      </Button>
    </>
  )
}
