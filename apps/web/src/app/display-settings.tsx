import { ActionIcon, Popover, SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { SettingsIcon } from '../ui/icons.tsx'
import { type Language, languageNames, languages, setLanguage } from './i18n.ts'
import classes from './shell.module.css'

const themes = ['auto', 'light', 'dark'] as const

/** Language and theme, and whatever else belongs to the one who looks. */
export function DisplaySettings({ children }: { children?: ReactNode }) {
  const { t, i18n } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Popover position="bottom-end" trapFocus returnFocus shadow="md" width={264}>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={36} c="inherit" aria-label={t('app.settings')}>
          <SettingsIcon />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('app.settings')}>
        <Stack gap="md">
          <Choice
            label={t('app.language')}
            value={i18n.language}
            onChange={(language) => void setLanguage(language as Language)}
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
      </Popover.Dropdown>
    </Popover>
  )
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
