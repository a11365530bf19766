import { z } from 'zod'
import { deviceIdSchema, deviceNameSchema, instantSchema, jobIdSchema, traceparentSchema } from '../primitives.ts'
import { failureOutcomeSchema, pageOutcomeSchema } from '../results.ts'
import type { ErrorBody } from '../error-codes.ts'

/** socket.io path of the mining-servers. */
export const MINING_PATH = '/mining'

/** The handshake's `auth`: who connects, with which protocol, and how much work it takes at once. */
export const minerHelloSchema = z.object({
  protocol: z.int(),
  token: z.string().max(4096),
  deviceId: deviceIdSchema,
  version: z.string().max(50),
  /** How its owner tells it from their others; nobody else sees it. Absent: the device id. */
  name: deviceNameSchema.optional(),
  /** Jobs the miner works on at once; the server never has more outstanding. 0: paused. */
  concurrency: z.int().min(0).max(512),
  /** Tokens whose results the miner still holds from an earlier connection; its other leases go to somebody else at once. */
  holding: z.array(z.string().max(200)).max(4096).default([]),
})
export type MinerHello = z.infer<typeof minerHelloSchema>

/** Why a miner takes nothing new: its owner paused it, or set other hours; its results wait; it is about to end. */
export const pauseReasons = ['paused', 'hours', 'backlog', 'finishing'] as const
export type PauseReason = (typeof pauseReasons)[number]

/** One attempt handed to a miner. The miner must begin at once and answer before `leaseMs` have passed. */
export const assignmentSchema = z.object({
  jobId: jobIdSchema,
  /** The lease token; sent back untouched with the result. */
  token: z.string().max(200),
  attempt: z.int().min(1),
  url: z.string().max(8192),
  /** Least time between two requests to one host, for the hops of this job. */
  hostGapMs: z.int().min(0),
  leaseMs: z.int().min(1),
  /** Most bytes of the body after decoding. */
  maxBodyBytes: z.int().min(0),
  dueAt: instantSchema,
  /** What a page pays, for the miner's own log. */
  priceCoins: z.int().min(1).optional(),
  /** A customer tries a page out before ordering: it pays nothing, and the miner may know. */
  test: z.boolean().optional(),
  traceparent: traceparentSchema,
})
export type Assignment = z.infer<typeof assignmentSchema>

/** What the miner learnt about the host. */
export const hostReportSchema = z.object({
  crawlDelayMs: z.int().min(0).max(3_600_000).optional(),
  extraRequests: z.int().min(0).max(20),
})

/** One attempt's outcome. A page's body follows in the same message's bytes, or came before in `chunk` messages. */
export const submissionSchema = z.object({
  jobId: jobIdSchema,
  token: z.string().max(200),
  outcome: z.discriminatedUnion('kind', [pageOutcomeSchema, failureOutcomeSchema]),
  host: hostReportSchema,
  /** True: the body came in chunks and takes no bytes of this message. */
  chunked: z.boolean(),
})
export type Submission = z.infer<typeof submissionSchema>

/** A piece of a body above `CHUNK_BYTES`; pieces of one token arrive in order. */
export const chunkSchema = z.object({ token: z.string().max(200), index: z.int().min(0).max(100) })
export type ChunkHeader = z.infer<typeof chunkSchema>

/**
 * What became of a submission. `accepted`: confirmed, the miner may forget it. `stale`: somebody else has the job, or it
 * is done; forget it. `invalid`: the submission broke the contract; forget it. `later`: keep it and send it again.
 */
export type SubmissionVerdict = 'accepted' | 'stale' | 'invalid' | 'later'

export interface MinerToServer {
  /** `bodies` holds the bodies of all unchunked pages end to end, in order. Verdicts stand at each submission's index. */
  submit: (submissions: Submission[], bodies: Uint8Array, answer: (verdicts: SubmissionVerdict[]) => void) => void
  chunk: (header: ChunkHeader, bytes: Uint8Array, answer: (taken: boolean) => void) => void
  /** Hands untouched attempts back (drain, excluded host). */
  handBack: (tokens: string[], answer: () => void) => void
  /** Changes how many jobs the miner takes at once; 0 pauses, and may say why. */
  capacity: (concurrency: number, why?: PauseReason) => void
  /** A fresh access token before the old one expires; otherwise the server ends the session when it does. */
  refresh: (token: string, answer: (error?: ErrorBody) => void) => void
  /** The figures of this device, since ever and for this session. */
  status: (answer: (status: MinerStatus) => void) => void
}

export interface ServerToMiner {
  assign: (assignments: Assignment[]) => void
  /** Coins this session's results have earned so far, not yet necessarily settled. */
  earned: (sessionCoins: number) => void
  /** The server leaves: finish what you hold, submit it, connect again. */
  draining: () => void
  /** The session ends for this reason. */
  refused: (error: ErrorBody) => void
}

export interface MinerStatus {
  readonly connectedMiners: number
  readonly waitingJobs: number
  readonly outstanding: number
  readonly sessionPages: number
  readonly sessionCoins: number
}
