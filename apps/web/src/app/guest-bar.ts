import { lazyRouteComponent } from '@tanstack/react-router'
import { loadWords } from './i18n.ts'

const load = async () => (await import('../features/elsewhere/components/guest-bar.tsx')).GuestBar

/** For guests only, so loaded for them only: before their first page, which it would move otherwise (`preload`). */
export const GuestBar = lazyRouteComponent(async () => {
  const [component] = await Promise.all([load(), loadWords(['elsewhere'])])
  return { component }
}, 'component')
