import type { OrderView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { StatusDot, type Tone } from '../../../ui/status-dot.tsx'

const tones: Readonly<Record<OrderView['state'], Tone>> = {
  placing: 'wait',
  active: 'ok',
  pausing: 'wait',
  paused: 'wait',
  cancelling: 'idle',
  cancelled: 'idle',
  finished: 'idle',
}

export function OrderState({ state }: { state: OrderView['state'] }) {
  const { t } = useTranslation()
  return <StatusDot tone={tones[state]}>{t(`states.${state}`)}</StatusDot>
}
