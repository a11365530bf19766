import type { AdminAccountView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { StatusDot, type Tone } from '../../../ui/status-dot.tsx'

const tones: Readonly<Record<AdminAccountView['state'], Tone>> = { open: 'ok', disabled: 'bad', deleting: 'idle' }

export function AccountState({ state }: { state: AdminAccountView['state'] }) {
  const { t } = useTranslation()
  return <StatusDot tone={tones[state]}>{t(`admin.states.${state}`)}</StatusDot>
}
