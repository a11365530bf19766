import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import * as contracts from './index.ts'

const folder = new URL('../fixtures/v1/', import.meta.url)
const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Record<string, unknown>

/** Every message and request that has a schema; the change is what parsing adds by itself. */
const schemas: Readonly<Record<string, readonly [z.ZodType, object?]>> = {
  'queue-result-page': [contracts.resultEnvelopeSchema],
  'queue-result-failure': [contracts.resultEnvelopeSchema],
  'queue-settlement': [contracts.settlementMessageSchema],
  'queue-settlement-device': [contracts.settlementMessageSchema],
  'socket-miner-hello': [contracts.minerHelloSchema],
  'socket-miner-hello-named': [contracts.minerHelloSchema],
  'socket-assignment': [contracts.assignmentSchema],
  'socket-submission-page': [contracts.submissionSchema],
  'socket-submission-failure': [contracts.submissionSchema],
  'socket-chunk': [contracts.chunkSchema],
  'socket-receiver-hello': [contracts.receiverHelloSchema],
  'socket-browser-hello': [contracts.browserHelloSchema],
  'socket-scheduler-hello': [contracts.schedulerHelloSchema],
  'socket-scheduler-hello-full': [contracts.schedulerHelloSchema],
  'socket-shard': [contracts.shardSchema],
  'socket-manager-hello': [contracts.managerHelloSchema],
  'socket-manager-beat': [contracts.managerBeatSchema],
  'socket-manager-redirect': [contracts.redirectSchema],
  'socket-manager-list': [contracts.managerListSchema],
  'socket-init-backup': [contracts.initBackupSchema],
  'socket-member-change': [contracts.memberChangeSchema],
  'socket-manager-resigned': [contracts.resignedSchema],
  'internal-primary-notice': [contracts.primaryNoticeSchema],
  'http-place-order-interval': [contracts.placeOrderSchema],
  'http-place-order-cron': [contracts.placeOrderSchema],
  'http-place-order-once': [
    contracts.placeOrderSchema,
    { name: '', repetitions: 1, priceCoins: 1, patienceMs: 600_000, catchUp: 'latest' },
  ],
  'http-place-order-windows': [contracts.placeOrderSchema],
  'http-change-order': [contracts.changeOrderSchema],
  'http-bulk-order': [contracts.bulkOrderSchema],
  'http-order-list-query': [contracts.orderListQuerySchema, { limit: 20 }],
  'http-spend-limits': [contracts.spendLimitsSchema],
  'http-page-query': [contracts.pageQuerySchema, { limit: 20 }],
  'http-pause-order': [contracts.pauseOrderSchema],
  'http-start-test-fetch': [contracts.startTestFetchSchema],
  'http-timeline-query': [contracts.timelineQuerySchema, { after: 42, limit: 100 }],
  'http-versions-query': [contracts.versionsQuerySchema],
  'http-faucet': [contracts.faucetSchema],
  'http-register': [contracts.registerSchema, { email: 'someone@example.org' }],
  'http-login': [contracts.loginSchema],
  'http-enrol-totp': [contracts.enrolTotpSchema],
  'http-confirm-totp': [contracts.confirmTotpSchema],
  'http-language-choice': [contracts.languageChoiceSchema],
  'http-change-password': [contracts.changePasswordSchema],
  'http-forgot-password': [contracts.forgotPasswordSchema],
  'http-reset-password': [contracts.resetPasswordSchema],
  'http-renew-recovery-codes': [contracts.renewRecoveryCodesSchema],
  'http-remove-totp': [contracts.removeTotpSchema],
  'http-access-claims-grant': [contracts.accessClaimsSchema],
  'http-create-api-token': [contracts.createApiTokenSchema],
  'http-access-claims': [contracts.accessClaimsSchema, { iss: undefined, aud: undefined }],
  'http-apply-transfers': [contracts.applyTransfersSchema],
  'http-balance-query': [contracts.balanceQuerySchema],
  'http-journal-query': [contracts.journalQuerySchema],
  'http-order-coins-query': [contracts.orderCoinsQuerySchema],
  'http-flows-query': [contracts.flowsQuerySchema],
  'http-flows': [contracts.flowsSchema, { per: 'day' }],
  'http-journal-page': [contracts.journalPageSchema, { limit: 50 }],
  'http-journal-export': [contracts.journalExportSchema],
  'http-create-endpoint': [contracts.createEndpointSchema],
  'http-change-endpoint': [contracts.changeEndpointSchema],
  'http-rotate-secret': [contracts.rotateSecretSchema],
  'http-notification-settings': [contracts.notificationSettingsSchema],
  'http-join-leaderboard': [contracts.joinLeaderboardSchema],
  'http-unsubscribe': [contracts.unsubscribeSchema],
  'http-device-authorization': [contracts.deviceAuthorizationSchema],
  'http-device-token': [contracts.deviceTokenSchema],
  'http-user-code': [contracts.userCodeSchema],
  'http-start-elsewhere': [contracts.startElsewhereSchema],
  'http-link-elsewhere': [contracts.linkElsewhereSchema],
  'http-finish-elsewhere': [contracts.finishElsewhereSchema],
  'http-unlink': [contracts.unlinkSchema],
  'http-first-password': [contracts.firstPasswordSchema],
  'http-confirm-factors': [contracts.confirmFactorsSchema],
  'http-account-query': [contracts.accountQuerySchema],
  'http-account-list': [contracts.accountListSchema],
  'http-account-state': [contracts.accountStateSchema],
  'http-factors': [contracts.factorsSchema],
  'http-request-export': [contracts.requestExportSchema],
  'http-delete-account': [contracts.deleteAccountSchema],
  'http-admin-accounts': [contracts.adminAccountsSchema, { search: 'someone', limit: 25 }],
  'http-admin-reason': [contracts.adminReasonSchema],
  'http-admin-coins': [contracts.adminCoinsSchema],
  'http-deny-rule': [contracts.denyRuleSchema],
  'webhook-run-changed': [contracts.webhookPayloadSchema],
}

describe('messages of version 1', () => {
  test.each(Object.entries(schemas))('%s still parses and means the same', (name, [schema, change]) => {
    const message = read(name)
    expect(schema.parse(message)).toEqual({ ...message, ...change })
  })

  test('every schema has a message here, and every message a schema', () => {
    expect(
      readdirSync(folder)
        .map((file) => file.replace('.json', ''))
        .toSorted(),
    ).toEqual(Object.keys(schemas).toSorted())
    const parts =
      /^(primitive|content|pageOutcome|failureOutcome|outcome|runResult|transfer|hostReport|scheduleInput|instant|userId|deviceId|orderId|jobId|sha256|traceparent|cursor|idempotencyKey|rep|endpointId|deviceName|eventId|extractField|extract|testFetchId|runFilter|exportFormat|timeWindow|name|tags)Schema$/
    const whole = Object.keys(contracts).filter((name) => name.endsWith('Schema') && !parts.test(name))
    const covered = new Set(Object.values(schemas).map(([schema]) => schema))
    expect(whole.filter((name) => !covered.has((contracts as unknown as Record<string, z.ZodType>)[name]!))).toEqual([])
  })

  test.each(['queue-result-page', 'queue-settlement', 'internal-primary-notice'])(
    '%s of an unknown version is refused',
    (name) => {
      const [schema] = schemas[name]!
      for (const v of [0, 2, '1', undefined]) expect(schema.safeParse({ ...read(name), v }).success).toBe(false)
    },
  )

  test.each(Object.keys(schemas).filter((name) => /^(queue|socket)/.test(name)))(
    '%s may grow: a field of tomorrow does no harm',
    (name) => {
      const [schema, change] = schemas[name]!
      const message = read(name)
      expect(schema.parse({ ...message, ofTomorrow: 1 })).toEqual({ ...message, ...change })
    },
  )

  test.each(['http-place-order-once', 'http-faucet', 'http-register', 'http-create-api-token'])(
    '%s: a misspelt field is refused, not ignored',
    (name) => {
      expect(schemas[name]![0].safeParse({ ...read(name), priceCoin: 1 }).success).toBe(false)
    },
  )
})

describe('a hostile message', () => {
  test.each([
    ['socket-submission-page', { outcome: { ...(read('socket-submission-page').outcome as object), status: 500 } }],
    ['socket-submission-page', { outcome: { ...(read('socket-submission-page').outcome as object), status: 100 } }],
    ['socket-submission-page', { jobId: 'order-1' }],
    ['socket-submission-page', { jobId: '../etc:1' }],
    ['socket-submission-failure', { outcome: { kind: 'failure', reason: 'because', fault: 'target', detail: '' } }],
    [
      'socket-submission-failure',
      { outcome: { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'x'.repeat(501) } },
    ],
    ['socket-chunk', { index: 101 }],
    ['socket-chunk', { index: -1 }],
    ['socket-miner-hello', { concurrency: 1.5 }],
    ['socket-receiver-hello', { window: 0 }],
    ['socket-receiver-hello', { window: 1e9 }],
    [
      'http-apply-transfers',
      { transfers: [{ id: 'x', kind: 'mint', debit: 'user:a/b', credit: 'user:b', amountCoins: 1, at: 0 }] },
    ],
    [
      'http-apply-transfers',
      { transfers: [{ id: 'x', kind: 'mint', debit: 'mint:0', credit: 'user:b', amountCoins: -1, at: 0 }] },
    ],
  ])('%s with %j is refused', (name, change) => {
    const [schema] = schemas[name]!
    expect(schema.safeParse({ ...read(name), ...change }).success).toBe(false)
  })
})
