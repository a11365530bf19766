import type { RunResult } from '@quarry/domain'
import { z } from 'zod'
import { cursorSchema, instantSchema, orderIdSchema } from '../primitives.ts'
import type { ErrorBody } from '../error-codes.ts'

/** socket.io path of the result-servers. */
export const RESULTS_PATH = '/results'

/** The handshake's `auth` of a result-client. Results after `after` are pushed, the whole backlog when it is absent. */
export const receiverHelloSchema = z.object({
  protocol: z.int(),
  token: z.string().max(4096),
  version: z.string().max(50),
  after: cursorSchema.optional(),
  orderId: orderIdSchema.optional(),
  since: instantSchema.optional(),
  /** Results the client takes before it has acknowledged some; the server never has more outstanding. */
  window: z.int().min(1).max(1000),
})
export type ReceiverHello = z.infer<typeof receiverHelloSchema>

/** One result of the inbox. */
export interface Delivery {
  readonly cursor: string
  readonly run: RunResult
  /** `inline`: its body follows in this message's bytes; `chunked`: it came before in chunks; `none`: there is no body. */
  readonly body: 'inline' | 'chunked' | 'none'
}

export interface ServerToReceiver {
  /** Results in inbox order; `bodies` holds the inline bodies end to end, encoded as `content.encoding` says. */
  results: (deliveries: Delivery[], bodies: Uint8Array) => void
  /** A piece of the body of the result at `cursor`, in order. */
  chunk: (header: { cursor: string; index: number }, bytes: Uint8Array) => void
  /** Everything stored until now has been pushed; live results follow. */
  caughtUp: () => void
  draining: () => void
  refused: (error: ErrorBody) => void
}

export interface ReceiverToServer {
  /** Everything up to and including `cursor` is on disk. */
  ack: (cursor: string) => void
  refresh: (token: string, answer: (error?: ErrorBody) => void) => void
}
