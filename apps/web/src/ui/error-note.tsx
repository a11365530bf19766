import { Alert, Button, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../http/errors.ts'
import { useFormat } from './use-format.ts'

interface ErrorNoteProps {
  readonly error: unknown
  /** Offered where the same request may succeed later. */
  readonly onRetry?: () => void
  /** Whether the user is known and has shown password and code anew, so that no address can be wrong. */
  readonly factors?: boolean
  readonly children?: ReactNode
}

/** An error in words, with its code for whoever has to look it up. Announced when it appears. */
export function ErrorNote({ error, onRetry, factors = false, children }: ErrorNoteProps) {
  const { t } = useTranslation()
  const format = useFormat()
  if (error === undefined || error === null) return null
  const { code, retryAfterMs } = asCodedError(error)
  const words = code === 'sign_in_failed' && factors ? 'app.factorsWrong' : (`errors.${code}` as const)
  return (
    <Alert color="red" variant="light" role="alert" title={t(words)}>
      {retryAfterMs !== undefined && <Text size="sm">{t('app.retryIn', { time: format.duration(retryAfterMs) })}</Text>}
      {children}
      {code === 'totp_needed' && (
        <Text size="sm">
          <Link to="/account/second-factor">{t('app.setUpTotp')}</Link>
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {t('app.errorCode', { code })}
      </Text>
      {onRetry && (
        <Button mt="xs" size="xs" variant="default" onClick={onRetry}>
          {t('app.tryAgain')}
        </Button>
      )}
    </Alert>
  )
}
