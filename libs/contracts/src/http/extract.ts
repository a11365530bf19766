import { z } from 'zod'

/** Values that one order or try-out takes from a page, at most. */
export const MAX_EXTRACT_FIELDS = 20

/**
 * One value to take from a page: the text of what the CSS selector finds, or an attribute of it; the first only, or all.
 * Whether the selector can be read is the reader's matter, whose engine may know newer ones.
 */
export const extractFieldSchema = z.strictObject({
  name: z.string().regex(/^[\p{L}\p{N}_.-]{1,40}$/u, 'must be 1 to 40 letters, digits, dots, - or _'),
  selector: z.string().trim().min(1).max(500),
  attribute: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_:.-]{0,59}$/, 'must be the name of an attribute')
    .optional(),
  take: z.enum(['first', 'all']).default('first'),
})
export type ExtractField = z.infer<typeof extractFieldSchema>

/** What to take from each page of an order; no name twice. */
export const extractSchema = z
  .array(extractFieldSchema)
  .max(MAX_EXTRACT_FIELDS)
  .refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, 'must not have a name twice')
