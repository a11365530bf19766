import { lazyRouteComponent } from '@tanstack/react-router'
import { loadWords } from './i18n.ts'

/** For guests only, so loaded for them only: before their first page, which it would move otherwise (`preload`). */
export const GuestBar = lazyRouteComponent(async () => {
  const [bar] = await Promise.all([import('../features/elsewhere/components/guest-bar.tsx'), loadWords(['elsewhere'])])
  return bar
}, 'GuestBar')
