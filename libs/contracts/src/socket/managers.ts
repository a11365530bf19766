import { z } from 'zod'
import { instantSchema } from '../primitives.ts'

/** socket.io path on which schedulers meet the scheduler-managers; inside the cluster only. */
export const MANAGERS_PATH = '/managers'
/** socket.io path on which backup managers follow the primary; inside the cluster only. */
export const MANAGER_BACKUPS_PATH = '/manager-backups'
/** HTTP path on which every scheduler hears of a new primary (`primaryNoticeSchema`); internal secret as bearer token. */
export const PRIMARY_NOTICE_PATH = '/internal/scheduler/primary'

const idSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const addressSchema = z.url().max(300)
/** Of a leadership among managers: rises with every change of primary. What comes with a lower one than known is old. */
const leaderEpochSchema = z.int().min(1)

export const shardSchema = z.object({ index: z.int().min(0), count: z.int().min(1), epoch: z.int().min(1) })

/** The handshake's `auth` of a scheduler. */
export const schedulerHelloSchema = z.object({
  protocol: z.int(),
  secret: z.string().max(200),
  schedulerId: idSchema,
  /** New at every start of the process: tells two schedulers of the same id apart. */
  instance: idSchema.optional(),
  /** Where it can be told of a new primary. */
  address: addressSchema.optional(),
  /** The shard that it acts on already. */
  shard: shardSchema.optional(),
})
export type SchedulerHello = z.infer<typeof schedulerHelloSchema>

/** The handshake's `auth` of a manager that wants to be the receiver's backup. */
export const managerHelloSchema = z.object({
  protocol: z.int(),
  secret: z.string().max(200),
  managerId: idSchema,
  instance: idSchema,
  address: addressSchema,
})
export type ManagerHello = z.infer<typeof managerHelloSchema>

/** Shows that the sender lives; to be answered, so that it sees the same of the receiver. */
export const managerBeatSchema = z.object({
  /** The leadership that the sender knows of; 0 while it knows of none. */
  leaderEpoch: z.int().min(0),
  /** The sender itself. */
  address: addressSchema,
  /** By the sender's clock; schedulers compare theirs with it. */
  at: instantSchema,
})
export type ManagerBeat = z.infer<typeof managerBeatSchema>

/** The receiver is asked to connect to the primary. */
export const redirectSchema = z.object({ address: addressSchema, leaderEpoch: leaderEpochSchema })
export type Redirect = z.infer<typeof redirectSchema>

/** Every manager that the primary knows of, itself first. */
export const managerListSchema = z.object({ leaderEpoch: leaderEpochSchema, addresses: z.array(addressSchema).min(1) })
export type ManagerList = z.infer<typeof managerListSchema>

const memberSchema = z.object({
  /** The scheduler's id and instance: unlike any other's. */
  memberId: z.string().regex(/^[A-Za-z0-9_~-]{1,130}$/),
  address: addressSchema.optional(),
})
/** A scheduler as the managers know it. */
export type SchedulerMember = z.infer<typeof memberSchema>

/** All that a backup has to know when it begins to follow. */
export const initBackupSchema = z.object({
  leaderEpoch: leaderEpochSchema,
  members: z.array(memberSchema),
  addresses: z.array(addressSchema).min(1),
})
export type InitBackup = z.infer<typeof initBackupSchema>

/** One scheduler came or went; to be applied in the order in which they come. */
export const memberChangeSchema = z.object({
  leaderEpoch: leaderEpochSchema,
  change: z.enum(['joined', 'left']),
  member: memberSchema,
})
export type MemberChange = z.infer<typeof memberChangeSchema>

/** The primary ends on purpose and renews no more: a backup may take over at once. */
export const resignedSchema = z.object({ leaderEpoch: leaderEpochSchema })
export type Resigned = z.infer<typeof resignedSchema>

/** A new primary tells a scheduler of itself (HTTP). */
export const primaryNoticeSchema = z.object({
  v: z.literal(1),
  leaderEpoch: leaderEpochSchema,
  address: addressSchema,
  addresses: z.array(addressSchema).min(1),
})
export type PrimaryNotice = z.infer<typeof primaryNoticeSchema>

export interface ManagerToScheduler {
  /** The scheduler's shard from now on; ignore it when its epoch is not above the last one seen. */
  shard: (shard: z.infer<typeof shardSchema>) => void
  /** This manager is a backup. */
  redirect: (redirect: Redirect) => void
  'set-managers': (list: ManagerList) => void
  beat: (beat: ManagerBeat, answer: () => void) => void
}

export interface SchedulerToManager {
  /** Leaves on purpose, so that its buckets move at once. */
  leave: (answer: () => void) => void
}

export interface PrimaryToBackup {
  'init-backup': (init: InitBackup) => void
  'set-backups': (list: ManagerList) => void
  member: (change: MemberChange) => void
  beat: (beat: ManagerBeat, answer: () => void) => void
  resigned: (resigned: Resigned, answer: () => void) => void
}

/** A backup only answers. */
export type BackupToPrimary = Record<string, never>
