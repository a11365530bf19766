export { ok, err } from './result.ts'
export { Unavailable, UnknownOutcome, WrongCredentials } from './errors.ts'
export type { Result } from './result.ts'
export { sleep } from './clock.ts'
export type { CancelTimer, Clock, Instant, Random } from './clock.ts'
export { jobIdOf, parseJobId } from './ids.ts'
export type { DeviceId, JobId, OrderId, UserId } from './ids.ts'
export { hash32 } from './sharding/hash.ts'
export { BUCKET_COUNT, bucketOf } from './sharding/bucket.ts'
export type { Bucket } from './sharding/bucket.ts'
export { bucketsOf, ownerOf } from './sharding/owner-of.ts'
export type { Shard } from './sharding/owner-of.ts'
export type {
  CatchUp,
  EntryState,
  ExtractField,
  Order,
  Schedule,
  ScheduleEntry,
  Segment,
  TimeWindow,
} from './orders/order.ts'
export { activateEntry, answerEntry, MAX_SEGMENTS, newEntry, requestChange } from './orders/entry-transitions.ts'
export type { EntryRequest, EntryTransition, OwnerAnswer, WrongEntryState } from './orders/entry-transitions.ts'
export {
  checkOrder,
  MAX_START_AHEAD_MS,
  orderCost,
  repetitionsOf,
  scheduleOf,
  START_SLACK_MS,
} from './orders/order-rules.ts'
export { MAX_JITTER_MS, MAX_WINDOWS } from './orders/timing-rules.ts'
export type { OrderInput, OrderLimits, ScheduleInput } from './orders/order-rules.ts'
export type { OrderProblem, OrderProblemCode } from './orders/order-problem.ts'
export { MAX_URL_LENGTH, parseTarget } from './orders/target.ts'
export type { Target, TargetProblem, TargetProblemCode } from './orders/target.ts'
export { dueAt, firstDueAfter, firstRepAfter, nextDue, planOf } from './schedule/due.ts'
export { endsAt, repetitionsUntil, upcoming, upcomingAfter } from './schedule/preview.ts'
export { CATCH_UP_GRACE_MS, catchUp, catchUpRange } from './schedule/catch-up.ts'
export type { Due, Plan } from './schedule/plan.ts'
export { failureRules, judgeAttempt, MAX_ATTEMPTS, retryDelayMs } from './results/failure-rules.ts'
export type { AttemptVerdict } from './results/failure-rules.ts'
export type * from './results/outcome.ts'
export {
  escrowAccount,
  ESCROW_ACCOUNTS,
  HOUSE_ACCOUNT,
  MINT_ACCOUNTS,
  mayOverdraw,
  mintAccount,
  userAccount,
} from './ledger/accounts.ts'
export type { AccountId } from './ledger/accounts.ts'
export { groupFlows, periodStart } from './ledger/flows.ts'
export type { Flow, FlowPeriod } from './ledger/flows.ts'
export { forecastCoins } from './ledger/forecast.ts'
export type { Forecast, RunningOrder } from './ledger/forecast.ts'
export { sameTransfer } from './ledger/transfer.ts'
export type { Transfer, TransferKind, TransferOutcome } from './ledger/transfer.ts'
export { cancelRefundOf, escrowOf, settlementOf } from './ledger/settlement.ts'
export { HEAD_START_PER_COIN_MS, jobOf, MOST_REQUESTS_OF_A_JOB, serveOrder } from './frontier/job.ts'
export type { Job } from './frontier/job.ts'
export { MAX_NICKNAME_LENGTH, MIN_NICKNAME_LENGTH, parseNickname } from './people/nickname.ts'
export type { Nickname, NicknameProblem } from './people/nickname.ts'
export { dayOf, mondayOf, startOfDay } from './people/days.ts'
export type { Day } from './people/days.ts'
export { newTraceparent } from './trace.ts'
export { ALLOW_NOTHING, isListed, parseAllowList } from './address/allow-list.ts'
export type { AllowList } from './address/allow-list.ts'
export { denyingPattern, parseDenyPattern } from './address/deny-list.ts'
export { checkHostLiteral, checkTarget, loopbackAddressesOf, portNeedsListing, portOf } from './address/check-target.ts'
export type { AllowedPorts, TargetPolicy, TargetRefusal } from './address/check-target.ts'
export { classifyAddress, isGlobalUnicast } from './address/classify-address.ts'
export type { AddressClass } from './address/classify-address.ts'
export type * from './frontier/lease.ts'
export { Frontier } from './frontier/frontier.ts'
export type { FrontierOptions } from './frontier/frontier.ts'
export {
  LOG_ROWS,
  MAX_ENDPOINTS,
  MAX_MISSES_IN_A_ROW,
  NOTIFICATION_PARTS,
  notificationPartOf,
  noWishes,
  webhookEventTypes,
} from './notifications/wishes.ts'
export type { MailWishes, NotificationWishes, WebhookEndpoint, WebhookEventType } from './notifications/wishes.ts'
export { eventsOfRun, RUNS_LOOKED_BACK } from './notifications/run-events.ts'
export type { RunEventType } from './notifications/run-events.ts'
export {
  judgeDelivery,
  WEBHOOK_FAILING_MS,
  WEBHOOK_PATIENCE_MS,
  webhookRetryDelaysMs,
} from './notifications/retries.ts'
export type { DeliveryVerdict, WebhookAnswer } from './notifications/retries.ts'
export {
  admitTestFetch,
  isTestFetch,
  TEST_FETCH_KEPT_MS,
  TEST_FETCH_LOST_MS,
  TEST_FETCH_PATIENCE_MS,
  testFetchIdOf,
  testJobIdOf,
  testJobOf,
} from './test-fetches/test-fetch.ts'
export type { TestFetch, TestFetchLimits, TooManyTestFetches } from './test-fetches/test-fetch.ts'
