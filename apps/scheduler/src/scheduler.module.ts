import { Module, type Provider } from '@nestjs/common'
import type { Clock, Random } from '@quarry/domain'
import type { JobQueue, LiveEvents, ResultBus } from '@quarry/messaging-port'
import {
  CLOCK,
  JOB_QUEUE,
  KERNEL_CONFIG,
  LIVE_EVENTS,
  LOGGER,
  RANDOM,
  RESULT_BUS,
  RESULT_STORE,
  SCHEDULE_STORE,
  type KernelConfig,
} from '@quarry/service-kit'
import type { ResultStore, ScheduleStore } from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { AnswerRequests } from './application/answer-requests.ts'
import { EmitJobs } from './application/emit-jobs.ts'
import { KeepSchedule, type KeepScheduleDeps } from './application/keep-schedule.ts'
import { RecoverOrder } from './application/recover-order.ts'
import { RunScheduler } from './application/run-scheduler.ts'
import { TakeOverBuckets } from './application/take-over-buckets.ts'
import { schedulerConfig, type SchedulerConfig } from './scheduler.config.ts'
import { SCHEDULER_ID } from './scheduler-id.ts'
import { BucketHints } from './socket/bucket-hints.ts'
import { ManagerConnection } from './socket/manager-connection.ts'

type Parts = readonly [ScheduleStore, ResultStore, JobQueue, ResultBus, LiveEvents, Clock, Random, KernelConfig, string]

/** Wires the scheduler's classes together; also what tests build a scheduler of their own with. */
export function keepScheduleDeps(
  ...[schedule, results, queue, bus, live, clock, random, kernel, id]: Parts
): KeepScheduleDeps {
  const emit = new EmitJobs({ queue, bus, clock, random, gaps: kernel.hostGaps })
  return {
    schedule,
    results,
    queue,
    clock,
    emit,
    takeOver: new TakeOverBuckets(schedule, id),
    recover: new RecoverOrder({ results, queue, emit, clock }),
    requests: new AnswerRequests({ schedule, bus, live, clock, random }),
  }
}

const providers: Provider[] = [
  { provide: SCHEDULER_ID, useFactory: () => randomUUID() },
  {
    provide: KeepSchedule,
    inject: [
      SCHEDULE_STORE,
      RESULT_STORE,
      JOB_QUEUE,
      RESULT_BUS,
      LIVE_EVENTS,
      CLOCK,
      RANDOM,
      KERNEL_CONFIG,
      SCHEDULER_ID,
    ],
    useFactory: (...parts: Parts) => new KeepSchedule(keepScheduleDeps(...parts)),
  },
  {
    provide: RunScheduler,
    inject: [KeepSchedule, CLOCK, LOGGER, schedulerConfig.token],
    useFactory: (schedule: KeepSchedule, clock: Clock, logger: Logger, times: SchedulerConfig) =>
      new RunScheduler(
        { schedule, clock, onError: (err, step) => logger.error({ err, step }, 'a scheduling step failed') },
        times,
      ),
  },
  BucketHints,
  ManagerConnection,
]

@Module({ providers })
export class SchedulerModule {}
