/** A file of `i18n/<language>`: one section of the dictionary. */
export type Section =
  | 'account'
  | 'admin'
  | 'app'
  | 'bulk'
  | 'codes'
  | 'devices'
  | 'elsewhere'
  | 'form'
  | 'list'
  | 'miners'
  | 'notifications'
  | 'order'
  | 'orders'
  | 'plan'
  | 'preview'
  | 'run-filters'
  | 'runs'
  | 'session'
  | 'shortcuts'
  | 'tokens'
  | 'tour'
  | 'try-out'
  | 'versions'
  | 'wallet'

/** What the frame of every page says, and whatever can go wrong on any. */
export const startWords: readonly Section[] = ['app', 'codes', 'shortcuts']

/**
 * The sections that each page of `routes/` shows beyond `startWords`, with what it loads later. They are loaded with the
 * page, in the language in use; `page-words.test.ts` reads the sources and names what is missing here.
 */
export const pageWords = {
  'account-page': ['account', 'elsewhere', 'miners', 'session', 'tokens'],
  'admin-page': ['admin'],
  'device-page': ['devices', 'tokens'],
  'farewell-page': ['session'],
  'forgot-page': ['session'],
  'import-page': ['bulk', 'form', 'plan'],
  'login-page': ['elsewhere', 'session'],
  'miners-page': ['miners'],
  'new-order-page': ['form', 'order', 'plan', 'preview', 'runs', 'try-out'],
  'notifications-page': ['notifications', 'order'],
  'order-page': ['form', 'list', 'order', 'orders', 'plan', 'preview', 'run-filters', 'runs', 'versions'],
  'orders-page': ['list', 'order', 'orders', 'tour'],
  'register-page': ['session'],
  'reset-page': ['session'],
  'second-factor-page': ['account', 'session'],
  'unsubscribe-page': ['notifications', 'session'],
  'wallet-page': ['wallet'],
} as const satisfies Readonly<Record<string, readonly Section[]>>
