import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { DeviceTable } from '../../features/miners/components/device-table.tsx'
import { HonestWords } from '../../features/miners/components/honest-words.tsx'
import { Leaderboard } from '../../features/miners/components/leaderboard.tsx'
import { MarketTicker } from '../../features/miners/components/market-ticker.tsx'
import { MinerFigures } from '../../features/miners/components/miner-figures.tsx'
import { StartMining } from '../../features/miners/components/start-mining.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import classes from './columns.module.css'

export function MinersPage() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('miners.title')} lead={<Text c="dimmed">{t('miners.lead')}</Text>} />
      <div className={classes.columns} data-main="first">
        <div className={classes.stack}>
          <MinerFigures />
          <DeviceTable />
          <StartMining />
        </div>
        <div className={classes.stack}>
          <MarketTicker />
          <Leaderboard />
          <HonestWords />
        </div>
      </div>
    </>
  )
}
