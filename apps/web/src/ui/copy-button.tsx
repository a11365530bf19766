import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from './copy-text.ts'

/** Copies `text`; `what` names it for screen readers ("Copy token"). */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={copied ? t('app.copied') : t('app.copyOf', { what })}
      onClick={() => void copyText(text).then(setCopied)}
    >
      <span aria-live="polite">{copied ? t('app.copied') : t('app.copy')}</span>
    </Button>
  )
}
