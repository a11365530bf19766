import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import classes from './honest-words.module.css'

const points = ['fetch', 'send', 'know', 'nothing', 'network', 'line', 'history'] as const

/** What mining means for the machine that does it: the words that the mining-client shows at its first start. */
export function HonestWords() {
  const { t } = useTranslation()
  return (
    <Surface title={t('miners.honest')}>
      <ul className={classes.points}>
        {points.map((point) => (
          <li key={point}>{t(`miners.honestPoints.${point}`)}</li>
        ))}
      </ul>
    </Surface>
  )
}
