/**
 * One message of ours is one AMQP message:
 *
 * | bytes | what |
 * |---|---|
 * | 0 | 1: this layout |
 * | 1 | 1 when a body follows, else 0 |
 * | 2–5 | length of the envelope, big-endian |
 * | … | the envelope: JSON in UTF-8, with its own version `v` |
 * | … to the end | the body, byte by byte |
 *
 * Several messages in one frame would cost the broker less, but could only be acknowledged, refused and buried together.
 * The AMQP properties carry the message's id for operators; nothing is read from them but the count of failed deliveries.
 */
import {
  MAX_BODY_BYTES,
  resultEnvelopeSchema,
  settlementMessageSchema,
  type ResultMessage,
  type SettlementMessage,
} from '@quarry/contracts'
import { err, ok, type Result } from '@quarry/domain'

const LAYOUT = 1
const HEAD_BYTES = 6
/** What compression may add to a page that it cannot shrink. */
const BODY_SLACK_BYTES = 1024
const ENVELOPE_GUESS_BYTES = 2048

/** How one stream's messages are named, spread, written and read. */
export interface Codec<T> {
  readonly stream: 'results' | 'settlements'
  idOf(message: T): string
  /** Messages with the same key stay in one partition, but for large ones. */
  partitionKeyOf(message: T): string
  /** Roughly, for choosing the queue and for bounding what is under way. */
  sizeBytesOf(message: T): number
  /** Throws `RangeError` when the body is larger than the contract allows. */
  encode(message: T): Buffer
  /** The message, or why it is none. */
  decode(content: Buffer): Result<T, string>
}

export const resultCodec: Codec<ResultMessage> = {
  stream: 'results',
  idOf: ({ run }) => run.jobId,
  partitionKeyOf: ({ run }) => run.customerId,
  sizeBytesOf: ({ body }) => ENVELOPE_GUESS_BYTES + (body?.byteLength ?? 0),
  encode: ({ v, run, body }) => {
    const limitBytes = MAX_BODY_BYTES + BODY_SLACK_BYTES
    if (body !== undefined && body.byteLength > limitBytes)
      throw new RangeError(`the body of ${run.jobId} has ${body.byteLength} bytes, ${limitBytes} are allowed`)
    return frame({ v, run }, body)
  },
  decode: (content) => {
    const parts = unframe(content)
    if (!parts.ok) return parts
    const envelope = validated(parts.value.envelope, resultEnvelopeSchema)
    if (!envelope.ok) return envelope
    const { body } = parts.value
    const message = envelope.value as ResultMessage
    return ok(body === undefined ? message : { ...message, body })
  },
}

export const settlementCodec: Codec<SettlementMessage> = {
  stream: 'settlements',
  idOf: ({ transfer }) => transfer.id,
  partitionKeyOf: ({ transfer: { debit, credit } }) => (credit.startsWith('escrow:') ? credit : debit),
  sizeBytesOf: () => ENVELOPE_GUESS_BYTES,
  encode: (message) => frame(message, undefined),
  decode: (content) => {
    const parts = unframe(content)
    if (!parts.ok) return parts
    const message = validated(parts.value.envelope, settlementMessageSchema)
    return message.ok ? ok(message.value as SettlementMessage) : message
  },
}

function frame(envelope: unknown, body: Uint8Array | undefined): Buffer {
  const json = Buffer.from(JSON.stringify(envelope))
  const framed = Buffer.allocUnsafe(HEAD_BYTES + json.length + (body?.byteLength ?? 0))
  framed[0] = LAYOUT
  framed[1] = body === undefined ? 0 : 1
  framed.writeUInt32BE(json.length, 2)
  framed.set(json, HEAD_BYTES)
  if (body !== undefined) framed.set(body, HEAD_BYTES + json.length)
  return framed
}

function unframe(content: Buffer): Result<{ envelope: unknown; body: Uint8Array | undefined }, string> {
  if (content.length < HEAD_BYTES) return err('it is shorter than the head of a message')
  if (content[0] !== LAYOUT) return err(`its layout ${content[0]} is unknown`)
  const bodyAt = HEAD_BYTES + content.readUInt32BE(2)
  if (bodyAt > content.length) return err('it is cut off within its envelope')
  try {
    const envelope: unknown = JSON.parse(content.toString('utf8', HEAD_BYTES, bodyAt))
    return ok({ envelope, body: content[1] === 1 ? content.subarray(bodyAt) : undefined })
  } catch {
    return err('its envelope is not JSON')
  }
}

/** As much of the contracts' schemas as is needed here. */
interface Schema<T> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function validated<T>(envelope: unknown, schema: Schema<T>): Result<T, string> {
  const parsed = schema.safeParse(envelope)
  if (parsed.success) return ok(parsed.data)
  const version = typeof envelope === 'object' && envelope !== null && 'v' in envelope ? envelope.v : undefined
  if (version !== 1) return err(`its version ${JSON.stringify(version)} is unknown`)
  const issue = parsed.error.issues[0]
  return err(`its envelope is not valid: ${issue?.path.map(String).join('.')}: ${issue?.message}`)
}
