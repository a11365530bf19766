import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from './copy-text.ts'

/** Copies `text`; `what` names it for screen readers ("Copy token"). */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<'copied' | 'copyFailed'>()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), 2500)
    return () => clearTimeout(timer)
  }, [outcome])
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={outcome === undefined ? t('app.copyOf', { what }) : t(`app.${outcome}`)}
      onClick={() => void copyText(text).then((worked) => setOutcome(worked ? 'copied' : 'copyFailed'))}
    >
      <span aria-live="polite">{t(`app.${outcome ?? 'copy'}`)}</span>
    </Button>
  )
}
