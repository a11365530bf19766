import { z } from 'zod'

/** Whole milliseconds since the epoch. */
export const instantSchema = z.int().min(0).max(8.64e15)
export const userIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
export const deviceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
/** In one line, without what turns the direction of reading. */
export const deviceNameSchema = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]{1,64}$/u, 'must be 1 to 64 characters in one line')
export const orderIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be an order id')
export const jobIdSchema = z.templateLiteral([orderIdSchema, ':', z.int().min(0).max(999_999_999)])
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
/** W3C Trace Context, version 00. */
export const traceparentSchema = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
/** Opaque: handed out by one answer, handed back in the next request. */
export const cursorSchema = z.string().min(1).max(200)
