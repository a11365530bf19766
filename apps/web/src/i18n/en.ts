import { bulk } from './en/bulk.ts'
import { list } from './en/list.ts'
import { plan } from './en/plan.ts'
import { account } from './en/account.ts'
import { admin } from './en/admin.ts'
import { app } from './en/app.ts'
import { devices } from './en/devices.ts'
import { elsewhere } from './en/elsewhere.ts'
import { form } from './en/form.ts'
import { miners } from './en/miners.ts'
import { notifications } from './en/notifications.ts'
import { order } from './en/order.ts'
import { orders } from './en/orders.ts'
import { runs } from './en/runs.ts'
import { tryOut } from './en/try-out.ts'
import { versions } from './en/versions.ts'
import { runFilters } from './en/run-filters.ts'
import { preview } from './en/preview.ts'
import { session } from './en/session.ts'
import { shortcuts } from './en/shortcuts.ts'
import { tokens } from './en/tokens.ts'
import { tour } from './en/tour.ts'
import { wallet } from './en/wallet.ts'
import { enCodes } from './en/codes.ts'
import type { Words } from './words.ts'

export const en = {
  app,
  session,
  orders,
  plan,
  list,
  bulk,
  order,
  form,
  runs,
  tryOut,
  versions,
  runFilters,
  preview,
  miners,
  shortcuts,
  wallet,
  notifications,
  account,
  admin,
  tokens,
  devices,
  elsewhere,
  tour,
  ...enCodes,
} as const

/** What every language must have: the keys of the English dictionary, no more, no fewer. */
export type Dictionary = Words<typeof en>
