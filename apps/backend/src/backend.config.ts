import { parseAllowList } from '@quarry/domain'
import { DEFAULT_MIN_INTERVAL_MS, MAX_INTERVAL_MS } from '@quarry/contracts'
import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

const whole = z.coerce.number().int().min(1)

export const backendConfig = defineConfig('backend', {
  minIntervalMs: {
    variable: 'QUARRY_MIN_INTERVAL_MS',
    schema: whole.max(MAX_INTERVAL_MS).default(DEFAULT_MIN_INTERVAL_MS),
    about: 'shortest interval of an order',
  },
  allowed: {
    variable: 'QUARRY_ALLOW_ADDRESSES',
    schema: z
      .string()
      .default('')
      .transform((text, context) => {
        const list = parseAllowList(text)
        if (!list.ok) context.addIssue({ code: 'custom', message: list.error })
        return list.ok ? list.value : z.NEVER
      }),
    about: 'CIDR list of addresses that are not public and may be ordered all the same',
  },
  testFetchesAnHour: {
    variable: 'QUARRY_TEST_FETCHES_AN_HOUR',
    schema: whole.max(1000).default(10),
    about: 'how many pages an account may have fetched for nothing in an hour, to try them out',
  },
  testFetchesAtOnce: {
    variable: 'QUARRY_TEST_FETCHES_AT_ONCE',
    schema: whole.max(100).default(2),
    about: 'how many test fetches of an account may be under way',
  },
  webhookHttp: {
    variable: 'QUARRY_WEBHOOK_HTTP',
    schema: z.stringbool().default(false),
    about: 'whether webhooks may go to http addresses, not https alone',
  },
  notifySecret: {
    variable: 'QUARRY_NOTIFY_SECRET',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{32,}$/, 'must have at least 32 visible ASCII characters, no blanks')
      .optional(),
    about: 'secret from which those of webhooks are made; the internal secret when unset',
    secret: true,
  },
  faucet: {
    variable: 'QUARRY_FAUCET',
    schema: z.stringbool().default(false),
    about: 'whether users may give themselves coins',
  },
  faucetCoins: {
    variable: 'QUARRY_FAUCET_COINS',
    schema: whole.max(1_000_000).default(10_000),
    about: 'most coins that the faucet gives at once; ten times a day',
  },
})

export type BackendConfig = ReturnType<typeof backendConfig.read>
