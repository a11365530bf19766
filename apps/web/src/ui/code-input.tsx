import { TextInput, type TextInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** For a code of the second factor, or a recovery code in its place. */
export function CodeInput(props: TextInputProps) {
  const { t } = useTranslation()
  return (
    <TextInput
      label={t('session.code')}
      description={t('session.codeHint')}
      autoComplete="one-time-code"
      maxLength={40}
      {...props}
    />
  )
}
