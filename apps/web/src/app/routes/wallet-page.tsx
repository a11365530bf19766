import { Button, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { BalancePanel } from '../../features/wallet/components/balance-panel.tsx'
import { FaucetForm } from '../../features/wallet/components/faucet-form.tsx'
import { FlowChart } from '../../features/wallet/components/flow-chart.tsx'
import { ForecastPanel } from '../../features/wallet/components/forecast-panel.tsx'
import { JournalPanel } from '../../features/wallet/components/journal-panel.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Surface } from '../../ui/surface.tsx'
import classes from './columns.module.css'

export function WalletPage() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('wallet.title')} />
      <div className={classes.columns}>
        <div className={classes.stack}>
          <BalancePanel />
          <ForecastPanel />
          <Surface title={t('wallet.earn')}>
            <Text c="dimmed" mb="md">
              {t('wallet.earnText')}
            </Text>
            <Button variant="default" renderRoot={(props) => <Link to="/account" {...props} />}>
              {t('wallet.earnAction')}
            </Button>
          </Surface>
          {/* Last: whether there is a faucet is known only once the balance is, and what comes late must push nothing. */}
          <div className={classes.late}>
            <FaucetForm />
          </div>
        </div>
        <div className={classes.stack}>
          <FlowChart />
          <JournalPanel />
        </div>
      </div>
    </>
  )
}
