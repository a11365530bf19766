import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { HonestWords } from '../../features/miners/components/honest-words.tsx'
import { StartMining } from '../../features/miners/components/start-mining.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import classes from './columns.module.css'

export function MinersPage() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('miners.title')} lead={<Text c="dimmed">{t('miners.lead')}</Text>} />
      <div className={classes.stack}>
        <StartMining />
        <HonestWords />
      </div>
    </>
  )
}
