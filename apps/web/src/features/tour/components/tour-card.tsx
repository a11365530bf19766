import { Button, Text, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { useDismissed } from '../../../ui/dismissed.ts'
import { Surface } from '../../../ui/surface.tsx'
import { doneSteps, type TourFacts, type TourStep, tourSteps } from '../tour-steps.ts'
import classes from './tour-card.module.css'

/** The first steps as a list that ticks itself off; nothing once all are done. Put away, it leaves a way back. */
export function TourCard({ facts }: { facts: TourFacts }) {
  const { t } = useTranslation()
  const [dismissed, dismiss] = useDismissed('first-steps')
  const done = doneSteps(facts)
  if (done.size === tourSteps.length) return null
  if (dismissed) {
    return (
      <div>
        <Button variant="subtle" color="gray" c="dimmed" size="xs" onClick={() => dismiss(false)}>
          {t('tour.show')}
        </Button>
      </div>
    )
  }
  const next = tourSteps.find((step) => !done.has(step))
  const hide = (
    <Button variant="subtle" color="gray" c="inherit" size="xs" onClick={() => dismiss(true)}>
      {t('tour.hide')}
    </Button>
  )
  return (
    <Surface title={t('tour.title')} aside={hide}>
      <ol className={classes.steps}>
        {tourSteps.map((step) => (
          <li key={step} className={classes.step} data-done={done.has(step)} aria-current={step === next && 'step'}>
            <Text fw={600}>
              {t(`tour.steps.${step}.title`)}
              {done.has(step) && <VisuallyHidden> {t('tour.done')}</VisuallyHidden>}
            </Text>
            {step === next && <NextStep step={step} />}
          </li>
        ))}
      </ol>
    </Surface>
  )
}

function NextStep({ step }: { step: TourStep }) {
  const { t } = useTranslation()
  return (
    <div className={classes.next}>
      <Text c="dimmed">{t(`tour.steps.${step}.text`)}</Text>
      {(step === 'try' || step === 'schedule') && (
        <Link to="/orders/new">{t(step === 'try' ? 'tour.toTry' : 'tour.toSchedule')}</Link>
      )}
      {step === 'page' && <Link to="/miners">{t('tour.toMiners')}</Link>}
      {step === 'receive' && (
        <>
          <CommandBlock
            text={`npx result-client login --server ${window.location.origin}\nnpx result-client pull --out ./pages`}
            what={t('tour.command')}
          />
          <Link to="/account">{t('tour.toTokens')}</Link>
        </>
      )}
    </div>
  )
}
