export { openRedis } from './open-redis.ts'
export type { OpenedRedis, OpenRedisOptions } from './open-redis.ts'
export type { RedisJobQueueOptions } from './redis-job-queue.ts'
export type { LiveEventCounts } from './redis-live-events.ts'
