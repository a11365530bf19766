import { SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { saveLanguage } from '../features/session/api/save-language.ts'
import { asCodedError } from '../http/errors.ts'
import { sessionState } from '../http/session.ts'
import classes from './display-settings.module.css'
import { type Language, languageNames, languages, setLanguage } from './i18n.ts'

const themes = ['auto', 'light', 'dark'] as const

/** What the display settings hold. */
export function DisplayChoices({ children }: { children?: ReactNode }) {
  const { t, i18n } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Stack gap="md">
      <Choice
        label={t('app.language')}
        value={i18n.language}
        onChange={(language) => choose(language as Language)}
        data={languages.map((value) => ({ value, label: languageNames[value] }))}
      />
      <Choice
        label={t('app.theme')}
        value={colorScheme}
        onChange={(scheme) => setColorScheme(scheme as (typeof themes)[number])}
        data={themes.map((value) => ({ value, label: t(`app.themes.${value}`) }))}
      />
      {children}
    </Stack>
  )
}

/** Shown at once, and told to the server for its mails; what is shown does not wait for that. */
function choose(language: Language): void {
  void setLanguage(language)
  const session = sessionState()
  if (session.kind !== 'signed-in' || session.user.guest) return
  void saveLanguage(language).catch((error: unknown) => {
    const { code } = asCodedError(error)
    notifications.show({
      color: 'red',
      title: i18next.t(`errors.${code}`),
      message: i18next.t('app.errorCode', { code }),
    })
  })
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly data: { value: string; label: string }[]
}

function Choice({ label, value, onChange, data }: ChoiceProps) {
  const id = useId()
  return (
    <div>
      <div id={id} className={classes.choice}>
        {label}
      </div>
      <SegmentedControl fullWidth size="xs" aria-labelledby={id} value={value} onChange={onChange} data={data} />
    </div>
  )
}
