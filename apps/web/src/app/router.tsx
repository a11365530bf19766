import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouteComponent,
} from '@tanstack/react-router'
import { isOneOf, type OrderFilter, orderSorts, orderStates } from './order-filter.ts'
import { readEntrance } from '../features/elsewhere/api/entrance.ts'
import { sessionKnown } from '../http/session.ts'
import { Crashed } from './crashed.tsx'
import { GuestBar } from './guest-bar.ts'
import { loadWords } from './i18n.ts'
import { NotFoundPage } from './not-found.tsx'
import { pageWords } from './page-words.ts'
import { Root } from './root.tsx'
import { Shell } from './shell.tsx'
import { Waiting } from './waiting.tsx'

/** A path of this site to return to after signing in, or after setting up a second factor; never another site's. */
function localPath(path: unknown): string | undefined {
  return typeof path === 'string' && /^\/(?![/\\])/.test(path) ? path : undefined
}

const nextSearch = (search: Record<string, unknown>): { next?: string } => {
  const next = localPath(search['next'])
  return next === undefined ? {} : { next }
}

/** What the list of orders is to show; whatever the address says that is not that is left out. */
function orderFilter(search: Record<string, unknown>): OrderFilter {
  const { q, state, tag, sort } = search
  return {
    ...(typeof q === 'string' && q !== '' && { q }),
    ...(isOneOf(state, orderStates) && { state }),
    ...(typeof tag === 'string' && tag !== '' && { tag }),
    ...(isOneOf(sort, orderSorts) && { sort }),
  }
}

/**
 * A page in a chunk of its own, together with the words that it shows. That a page returns anything is not said here: its
 * type hangs on the router's, which is only being made.
 */
function lazyPage<Name extends string>(
  words: keyof typeof pageWords,
  load: () => Promise<Record<Name, () => void>>,
  name: Name,
): RouteComponent {
  return lazyRouteComponent(async () => {
    const [page] = await Promise.all([load(), loadWords(pageWords[words])])
    return page
  }, name)
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage })

const signedOut = createRoute({
  getParentRoute: () => root,
  id: 'signed-out',
  validateSearch: nextSearch,
  beforeLoad: async ({ search }) => {
    if ((await sessionKnown()).kind === 'signed-in') throw redirect({ href: search.next ?? '/orders' })
  },
})
/** What a provider's return tells: a refusal's code, or whose word still wants our second factor. */
const returnSearch = (search: Record<string, unknown>): { problem?: string; elsewhere?: string } => {
  const { problem, elsewhere } = search
  return {
    ...(typeof problem === 'string' && { problem }),
    ...(typeof elsewhere === 'string' && { elsewhere: elsewhere.slice(0, 60) }),
  }
}
const login = createRoute({
  getParentRoute: () => signedOut,
  path: '/login',
  validateSearch: returnSearch,
  // Before the page: what stands there does not move when buttons come.
  loader: readEntrance,
  component: lazyPage('login-page', () => import('./routes/login-page.tsx'), 'LoginPage'),
})
const register = createRoute({
  getParentRoute: () => signedOut,
  path: '/register',
  component: lazyPage('register-page', () => import('./routes/register-page.tsx'), 'RegisterPage'),
})

const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  component: lazyPage('forgot-page', () => import('./routes/forgot-page.tsx'), 'ForgotPage'),
})
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyPage('reset-page', () => import('./routes/reset-page.tsx'), 'ResetPage'),
})

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ location }) => {
    const session = await sessionKnown()
    if (session.kind === 'signed-in') {
      if (session.user.guest) await GuestBar.preload?.()
      return
    }
    const search = location.href === '/' || location.href === '/orders' ? {} : { next: location.href }
    throw redirect({ to: '/login', search })
  },
  component: Shell,
})
const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/orders', replace: true })
  },
})
const orders = createRoute({
  getParentRoute: () => signedIn,
  path: '/orders',
  validateSearch: orderFilter,
  component: lazyPage('orders-page', () => import('./routes/orders-page.tsx'), 'OrdersPage'),
})
const importOrders = createRoute({
  getParentRoute: () => signedIn,
  path: '/orders/import',
  component: lazyPage('import-page', () => import('./routes/import-page.tsx'), 'ImportPage'),
})
const newOrder = createRoute({
  getParentRoute: () => signedIn,
  path: '/orders/new',
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search['from'] === 'string' ? { from: search['from'] } : {},
  component: lazyPage('new-order-page', () => import('./routes/new-order-page.tsx'), 'NewOrderPage'),
})
const order = createRoute({
  getParentRoute: () => signedIn,
  path: '/orders/$orderId',
  component: lazyPage('order-page', () => import('./routes/order-page.tsx'), 'OrderPage'),
})
const wallet = createRoute({
  getParentRoute: () => signedIn,
  path: '/wallet',
  component: lazyPage('wallet-page', () => import('./routes/wallet-page.tsx'), 'WalletPage'),
})
const miners = createRoute({
  getParentRoute: () => signedIn,
  path: '/miners',
  component: lazyPage('miners-page', () => import('./routes/miners-page.tsx'), 'MinersPage'),
})
const device = createRoute({
  getParentRoute: () => signedIn,
  path: '/device',
  validateSearch: (search: Record<string, unknown>): { code?: string } =>
    typeof search['code'] === 'string' ? { code: search['code'].slice(0, 20) } : {},
  component: lazyPage('device-page', () => import('./routes/device-page.tsx'), 'DevicePage'),
})
const notifications = createRoute({
  getParentRoute: () => signedIn,
  path: '/notifications',
  component: lazyPage('notifications-page', () => import('./routes/notifications-page.tsx'), 'NotificationsPage'),
})
const unsubscribe = createRoute({
  getParentRoute: () => root,
  path: '/unsubscribe',
  validateSearch: (search: Record<string, unknown>): { token?: string } =>
    typeof search['token'] === 'string' ? { token: search['token'] } : {},
  component: lazyPage('unsubscribe-page', () => import('./routes/unsubscribe-page.tsx'), 'UnsubscribePage'),
})
const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  validateSearch: (search: Record<string, unknown>): { problem?: string } =>
    typeof search['problem'] === 'string' ? { problem: search['problem'] } : {},
  loader: readEntrance,
  component: lazyPage('account-page', () => import('./routes/account-page.tsx'), 'AccountPage'),
})
const secondFactor = createRoute({
  getParentRoute: () => signedIn,
  path: '/account/second-factor',
  validateSearch: nextSearch,
  component: lazyPage('second-factor-page', () => import('./routes/second-factor-page.tsx'), 'SecondFactorPage'),
})
const loadAdmin = () => import('./routes/admin-page.tsx')
const admin = createRoute({
  getParentRoute: () => signedIn,
  path: '/admin',
  component: lazyPage('admin-page', loadAdmin, 'AdminPage'),
})
const adminPages = [
  createRoute({
    getParentRoute: () => admin,
    path: '/',
    component: lazyPage('admin-page', loadAdmin, 'AdminAccounts'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/accounts/$userId',
    component: lazyPage('admin-page', loadAdmin, 'AdminAccount'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/deny-list',
    component: lazyPage('admin-page', loadAdmin, 'AdminDenyList'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/system',
    component: lazyPage('admin-page', loadAdmin, 'AdminSystem'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/audit',
    component: lazyPage('admin-page', loadAdmin, 'AdminAudit'),
  }),
] as const
const farewell = createRoute({
  getParentRoute: () => root,
  path: '/farewell',
  component: lazyPage('farewell-page', () => import('./routes/farewell-page.tsx'), 'FarewellPage'),
})

const routeTree = root.addChildren([
  signedOut.addChildren([login, register]),
  forgot,
  reset,
  unsubscribe,
  farewell,
  signedIn.addChildren([
    home,
    orders,
    importOrders,
    newOrder,
    order,
    miners,
    wallet,
    notifications,
    device,
    account,
    secondFactor,
    admin.addChildren(adminPages),
  ]),
])

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: Waiting,
  defaultPendingMs: 400,
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
