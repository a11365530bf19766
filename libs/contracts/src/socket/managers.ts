import { z } from 'zod'

/** socket.io path of the scheduler-managers; inside the cluster only. */
export const MANAGERS_PATH = '/managers'

/** The handshake's `auth` of a scheduler. */
export const schedulerHelloSchema = z.object({
  protocol: z.int(),
  secret: z.string().max(200),
  schedulerId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
})
export type SchedulerHello = z.infer<typeof schedulerHelloSchema>

export const shardSchema = z.object({ index: z.int().min(0), count: z.int().min(1), epoch: z.int().min(1) })

export interface ManagerToScheduler {
  /** The scheduler's shard from now on; ignore it when its epoch is not above the last one seen. */
  shard: (shard: z.infer<typeof shardSchema>) => void
  /** This manager is a backup; the primary is at `address`. */
  redirect: (address: string) => void
}

export interface SchedulerToManager {
  /** Leaves on purpose, so that its buckets move at once. */
  leave: (answer: () => void) => void
}
