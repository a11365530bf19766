import { Module, type Provider } from '@nestjs/common'
import type { Clock, Random } from '@quarry/domain'
import type { JobQueue, LiveEvents, ResultBus } from '@quarry/messaging-port'
import {
  CLOCK,
  JOB_QUEUE,
  KERNEL_CONFIG,
  LIVE_EVENTS,
  LOGGER,
  METRICS,
  RANDOM,
  RESULT_BUS,
  RESULT_STORE,
  SCHEDULE_STORE,
  type KernelConfig,
} from '@quarry/service-kit'
import type { ResultStore, ScheduleStore } from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { AnswerRequests } from './application/answer-requests.ts'
import type { EmissionMeter } from './application/emission-meter.ts'
import { EmitJobs } from './application/emit-jobs.ts'
import { ExtendHorizon } from './application/extend-horizon.ts'
import { GiveUps } from './application/give-ups.ts'
import { KeepSchedule, type KeepScheduleDeps } from './application/keep-schedule.ts'
import { RecoverOrder } from './application/recover-order.ts'
import { RunScheduler } from './application/run-scheduler.ts'
import { TakeOverBuckets } from './application/take-over-buckets.ts'
import { WatchClock } from './application/watch-clock.ts'
import { CollectGarbage } from './collect-garbage.ts'
import { PrimaryController } from './http/primary.controller.ts'
import { schedulerConfig, type SchedulerConfig } from './scheduler.config.ts'
import { SCHEDULER_IDENTITY, type SchedulerIdentity } from './scheduler-identity.ts'
import { SchedulerMetrics } from './scheduler-metrics.ts'
import { BucketHints } from './socket/bucket-hints.ts'
import { ManagerConnection } from './socket/manager-connection.ts'

type Parts = readonly [
  ScheduleStore,
  ResultStore,
  JobQueue,
  ResultBus,
  LiveEvents,
  Clock,
  Random,
  KernelConfig,
  SchedulerIdentity,
  EmissionMeter,
]

/** Wires the scheduler's classes together; also what tests build a scheduler of their own with. */
export function keepScheduleDeps(
  ...[schedule, results, queue, bus, live, clock, random, kernel, { schedulerId, instance }, meter]: Parts
): KeepScheduleDeps {
  const emit = new EmitJobs({ queue, bus, clock, random, gaps: kernel.hostGaps, meter })
  const giveUps = new GiveUps(emit)
  const extendHorizon = new ExtendHorizon({ schedule, clock })
  return {
    schedule,
    results,
    queue,
    clock,
    emit,
    giveUps,
    takeOver: new TakeOverBuckets(schedule, `${schedulerId}~${instance}`),
    recover: new RecoverOrder({ results, queue, emit, extendHorizon, giveUps, clock }),
    extendHorizon,
    requests: new AnswerRequests({ schedule, bus, live, clock, random }),
  }
}

const providers: Provider[] = [
  {
    provide: SCHEDULER_IDENTITY,
    inject: [schedulerConfig.token],
    useFactory: ({ schedulerId }: SchedulerConfig): SchedulerIdentity => {
      const instance = randomUUID().slice(0, 8)
      return { schedulerId: schedulerId ?? instance, instance }
    },
  },
  { provide: SchedulerMetrics, inject: [METRICS], useFactory: (metrics: Registry) => new SchedulerMetrics(metrics) },
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
      SCHEDULER_IDENTITY,
      SchedulerMetrics,
    ],
    useFactory: (...parts: Parts) => new KeepSchedule(keepScheduleDeps(...parts)),
  },
  {
    provide: RunScheduler,
    inject: [KeepSchedule, CLOCK, LOGGER, schedulerConfig.token],
    useFactory: (schedule: KeepSchedule, clock: Clock, logger: Logger, times: SchedulerConfig) => {
      const garbage = new CollectGarbage(logger)
      return new RunScheduler(
        {
          schedule,
          clock,
          onError: (err, step) => logger.error({ err, step }, 'a scheduling step failed'),
          onTakenOver: () => garbage.loaded(schedule.watchedOrders),
        },
        times,
      )
    },
  },
  {
    provide: WatchClock,
    inject: [LOGGER],
    useFactory: (logger: Logger) =>
      new WatchClock((off, offsetMs) => {
        if (off) logger.warn({ offsetMs }, "this clock and the scheduler-manager's differ by too much: set them right")
        else logger.info({ offsetMs }, "this clock and the scheduler-manager's agree again")
      }),
  },
  BucketHints,
  ManagerConnection,
  {
    provide: 'scheduler-gauges',
    inject: [SchedulerMetrics, KeepSchedule, WatchClock],
    useFactory: (metrics: SchedulerMetrics, schedule: KeepSchedule, clock: WatchClock) => metrics.show(schedule, clock),
  },
]

@Module({ controllers: [PrimaryController], providers })
export class SchedulerModule {}
