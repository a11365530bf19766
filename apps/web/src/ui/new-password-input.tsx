import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** For a password that is to be: of any signs, pasted or not. */
export function NewPasswordInput(props: PasswordInputProps) {
  const { t } = useTranslation()
  return (
    <PasswordInput
      label={t('session.newPassword')}
      description={t('session.passwordHint')}
      autoComplete="new-password"
      maxLength={1024}
      visibilityToggleButtonProps={{ 'aria-label': t('session.showPassword'), tabIndex: 0 }}
      {...props}
    />
  )
}
