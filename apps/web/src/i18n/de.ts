import { bulk } from './de/bulk.ts'
import { list } from './de/list.ts'
import { plan } from './de/plan.ts'
import { account } from './de/account.ts'
import { admin } from './de/admin.ts'
import { app } from './de/app.ts'
import { devices } from './de/devices.ts'
import { elsewhere } from './de/elsewhere.ts'
import { form } from './de/form.ts'
import { miners } from './de/miners.ts'
import { notifications } from './de/notifications.ts'
import { order } from './de/order.ts'
import { orders } from './de/orders.ts'
import { runs } from './de/runs.ts'
import { tryOut } from './de/try-out.ts'
import { versions } from './de/versions.ts'
import { runFilters } from './de/run-filters.ts'
import { preview } from './de/preview.ts'
import { session } from './de/session.ts'
import { shortcuts } from './de/shortcuts.ts'
import { tokens } from './de/tokens.ts'
import { tour } from './de/tour.ts'
import { wallet } from './de/wallet.ts'
import { deCodes } from './de/codes.ts'
import type { Dictionary } from './en.ts'

export const de: Dictionary = {
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
  ...deCodes,
}
