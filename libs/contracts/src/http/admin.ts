import { z } from 'zod'
import { cursorSchema } from '../primitives.ts'
import type { AccountView } from './account-service.ts'

/** Why an operator does it; kept in the audit log for ever. */
const reasonSchema = z.string().trim().min(3).max(500)

/** `GET /api/v1/admin/accounts`: accounts whose address begins with `search`. */
export const adminAccountsSchema = z.object({
  search: z
    .string()
    .max(254)
    .default('')
    .transform((text) => text.toLowerCase()),
  after: cursorSchema.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
})

export interface AdminAccountView extends AccountView {
  readonly availableCoins: number
  /** Of the newest hundred orders; `moreOrders` when there are more. */
  readonly orders: number
  readonly moreOrders: boolean
}

/** `POST /api/v1/admin/accounts/:userId/disable` and `…/enable` */
export const adminReasonSchema = z.strictObject({ reason: reasonSchema })

/** `POST /api/v1/admin/accounts/:userId/credit` and `…/debit`, with the header `Idempotency-Key`. */
export const adminCoinsSchema = z.strictObject({ coins: z.int().min(1).max(1_000_000_000), reason: reasonSchema })

/** `POST /api/v1/admin/deny-list`; `DELETE /api/v1/admin/deny-list/:pattern` takes `adminReasonSchema`. */
export const denyRuleSchema = z.strictObject({ pattern: z.string().min(1).max(255), reason: reasonSchema })
export interface DenyRuleView {
  readonly pattern: string
  readonly reason: string
  readonly by: string
  readonly at: number
}

export const auditActions = [
  'account.disable',
  'account.enable',
  'account.credit',
  'account.debit',
  'deny-list.add',
  'deny-list.remove',
  'ledger.audit',
  'admin.grant',
  'admin.revoke',
] as const
export type AuditAction = (typeof auditActions)[number]

/** `GET /api/v1/admin/audit`, newest first. */
export interface AuditEntryView {
  readonly id: string
  readonly at: number
  readonly actorId: string
  readonly action: AuditAction
  readonly subject: string
  readonly reason: string
  readonly requestId: string
  readonly details: Readonly<Record<string, string | number>>
}

/** `POST /api/v1/admin/ledger-audit` */
export interface LedgerAuditView {
  readonly at: number
  readonly tookMs: number
  readonly violations: readonly { readonly invariant: string; readonly subject: string; readonly detail: string }[]
}

/** `GET /api/v1/admin/system`: what this backend knows of itself and of those it calls. */
export interface SystemView {
  readonly at: number
  readonly protocolVersion: number
  readonly nodeVersion: string
  readonly services: readonly {
    readonly service: string
    readonly ready: boolean
    readonly checks: Readonly<Record<string, string>>
  }[]
  readonly queue: { readonly waiting: number; readonly leased: number; readonly dead: number } | null
  /** Figures that some process measures; absent when none of those asked does. */
  readonly deadLetters: number | null
  readonly latenessP99Ms: number | null
}
