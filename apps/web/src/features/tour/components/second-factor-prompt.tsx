import { Button, Text } from '@mantine/core'
import type { UserView } from '@quarry/contracts'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useDismissed } from '../../../ui/dismissed.ts'
import { ShieldIcon } from '../../../ui/icons.tsx'
import classes from './second-factor-prompt.module.css'

/** Asks a user without a second factor to set one up; once put off, the account page goes on saying it. */
export function SecondFactorPrompt({ user }: { user: UserView }) {
  const { t } = useTranslation()
  const [dismissed, dismiss] = useDismissed(`second-factor-${user.userId}`)
  if (user.totpEnabled || dismissed) return null
  return (
    <section className={classes.prompt} aria-labelledby="second-factor-prompt">
      <ShieldIcon />
      <div className={classes.words}>
        <Text fw={600} id="second-factor-prompt">
          {t('tour.secondFactorTitle')}
        </Text>
        <Text c="dimmed">{t('tour.secondFactorText')}</Text>
      </div>
      <div className={classes.actions}>
        <Button variant="subtle" color="gray" c="inherit" onClick={() => dismiss(true)}>
          {t('tour.secondFactorLater')}
        </Button>
        <Button variant="light" renderRoot={(props) => <Link to="/account/second-factor" {...props} />}>
          {t('tour.secondFactorSetUp')}
        </Button>
      </div>
    </section>
  )
}
