import type { UserView } from '@quarry/contracts'
import type { ComponentType } from 'react'
import { AccountIcon, BellIcon, CoinIcon, MinersIcon, OrdersIcon, ShieldIcon } from '../ui/icons.tsx'

/** A place of the main navigation. */
export interface Place {
  readonly to: '/orders' | '/miners' | '/wallet' | '/notifications' | '/account' | '/admin'
  readonly label: 'app.orders' | 'app.miners' | 'app.wallet' | 'app.notifications' | 'app.account' | 'app.admin'
  readonly Icon: ComponentType
  /** The letter that leads here after `g`. */
  readonly letter?: string
  /** Who sees it; everybody by default. */
  readonly isFor?: (user: UserView) => boolean
}

const isNoGuest = ({ guest }: UserView) => guest !== true

/** The main navigation, in its order; six fit a phone. */
export const places: readonly Place[] = [
  { to: '/orders', label: 'app.orders', Icon: OrdersIcon, letter: 'o' },
  { to: '/miners', label: 'app.miners', Icon: MinersIcon, letter: 'm', isFor: isNoGuest },
  { to: '/wallet', label: 'app.wallet', Icon: CoinIcon, letter: 'w' },
  { to: '/notifications', label: 'app.notifications', Icon: BellIcon, letter: 'n', isFor: isNoGuest },
  { to: '/account', label: 'app.account', Icon: AccountIcon, letter: 'a', isFor: isNoGuest },
  { to: '/admin', label: 'app.admin', Icon: ShieldIcon, isFor: ({ admin, totpEnabled }) => admin && totpEnabled },
]
