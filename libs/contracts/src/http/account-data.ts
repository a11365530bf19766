import { z } from 'zod'

/** Both factors, shown anew before something that cannot be taken back. */
export const factorsSchema = z.strictObject({
  password: z.string().min(1).max(1024),
  code: z.string().min(1).max(40).optional().describe('of the second factor in force, or a recovery code'),
})
export type Factors = z.infer<typeof factorsSchema>

/** How long the address of an export may be used. */
export const EXPORT_LINK_LIFE_MS = 60_000

/** `POST /api/v1/account/export`: where to fetch the ZIP from, by a plain link, within a minute. */
export const requestExportSchema = factorsSchema.extend({
  bodies: z.boolean().default(false).describe('whether the pages themselves are in it'),
})
export interface ExportLinkView {
  readonly path: string
  readonly expiresAt: number
}

/** `GET /api/v1/account/deletion`: what deleting the account now would end. */
export interface DeletionPreview {
  /** Coins that are forfeited: the balance, and what comes back of cancelled orders. */
  readonly coins: number
  readonly activeOrders: number
}

/** What is to be typed to delete an account, in every language: its own address. */
export const deleteAccountSchema = factorsSchema.extend({
  confirmation: z.string().min(1).max(254).describe('the address of the account'),
})
