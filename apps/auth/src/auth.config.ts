import { ConfigError, defineConfig, type ConfigDefinition } from '@quarry/service-kit'
import { z } from 'zod'
import { signInProvidersSchema } from './sign-in-providers.config.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const LEAST_BCRYPT_COST = 12

const wholeMs = (leastMs: number, usualMs: number) => z.coerce.number().int().min(leastMs).default(usualMs)
const secretSchema = z.string().refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes')

const settings = defineConfig('auth', {
  environment: {
    variable: 'QUARRY_ENV',
    schema: z.enum(['production', 'development', 'test']).default('production'),
    about: 'production unless it is said otherwise: no weak settings, no development secrets',
  },
  pepper: {
    variable: 'QUARRY_AUTH_PEPPER',
    schema: secretSchema,
    about: 'secret mixed into every password; changing it makes all passwords and recovery codes useless',
    secret: true,
  },
  sealingKey: {
    variable: 'QUARRY_AUTH_SEALING_KEY',
    schema: secretSchema,
    about: 'secret that encrypts TOTP secrets and signing keys at rest',
    secret: true,
  },
  bcryptCost: {
    variable: 'QUARRY_AUTH_BCRYPT_COST',
    schema: z.coerce.number().int().min(LEAST_BCRYPT_COST).max(16).default(LEAST_BCRYPT_COST),
    about: 'work of one password check; each step doubles it',
  },
  insecureBcryptCost: {
    variable: 'QUARRY_AUTH_INSECURE_BCRYPT_COST',
    schema: z.coerce.number().int().min(4).max(16).optional(),
    about: 'for tests only: a cost below what protects passwords; refused in production',
  },
  sessionIdleMs: {
    variable: 'QUARRY_AUTH_SESSION_IDLE_MS',
    schema: wholeMs(60_000, 7 * DAY_MS),
    about: 'a session that was not refreshed for so long is over',
  },
  sessionMaxMs: {
    variable: 'QUARRY_AUTH_SESSION_MAX_MS',
    schema: wholeMs(60_000, 30 * DAY_MS),
    about: 'a session is over after so long, however much it is used',
  },
  devicePollMs: {
    variable: 'QUARRY_AUTH_DEVICE_POLL_MS',
    schema: wholeMs(1000, 5000),
    about: 'how long a command-line client waits between two looks whether its log-in was approved',
  },
  signInProviders: {
    variable: 'QUARRY_SIGN_IN_PROVIDERS',
    schema: signInProvidersSchema,
    about: 'where people may sign in from elsewhere: a JSON list, each with its client secret in a file',
  },
  guestAccount: {
    variable: 'QUARRY_GUEST_ACCOUNT',
    schema: z
      .email()
      .transform((email) => email.toLowerCase())
      .optional(),
    about: 'address of the account in which guests may look around; nobody may when unset',
  },
  keyPublishAheadMs: {
    variable: 'QUARRY_AUTH_KEY_PUBLISH_AHEAD_MS',
    schema: wholeMs(0, 2 * 60_000),
    about: 'how long a new signing key is published before it signs; more than verifiers take to fetch keys anew',
  },
})

export type AuthConfig = ReturnType<typeof settings.read>

/** What auth reads from the environment. Refuses weak costs and development secrets in production. */
export const authConfig: ConfigDefinition<AuthConfig> = {
  token: settings.token,
  read(env) {
    const config = settings.read(env)
    const problems = [...mistakes(config), ...(config.environment === 'production' ? unfitForProduction(config) : [])]
    if (problems.length > 0) throw new ConfigError(`auth cannot start:\n${problems.map((p) => `  ${p}`).join('\n')}`)
    return config
  },
}

/** The bcrypt cost in force. */
export function bcryptCostOf(config: AuthConfig): number {
  return config.insecureBcryptCost ?? config.bcryptCost
}

function mistakes(config: AuthConfig): string[] {
  return config.pepper === config.sealingKey ? ['QUARRY_AUTH_PEPPER and QUARRY_AUTH_SEALING_KEY must differ'] : []
}

function unfitForProduction(config: AuthConfig): string[] {
  const problems: string[] = []
  if (config.insecureBcryptCost !== undefined) {
    problems.push('QUARRY_AUTH_INSECURE_BCRYPT_COST is set: it is for tests; unset it, or set QUARRY_ENV=development')
  }
  for (const [variable, value] of [
    ['QUARRY_AUTH_PEPPER', config.pepper],
    ['QUARRY_AUTH_SEALING_KEY', config.sealingKey],
  ] as const) {
    if (looksMadeUp(value))
      problems.push(`${variable} looks like a development value; make one by: openssl rand -base64 32`)
  }
  if (config.keyPublishAheadMs < 60_000) {
    problems.push(
      'QUARRY_AUTH_KEY_PUBLISH_AHEAD_MS is below 60000: services would meet tokens of a key they cannot know',
    )
  }
  return problems
}

function looksMadeUp(secret: string): boolean {
  return /development|insecure|change-?me|example|test-only/i.test(secret) || new Set(secret).size < 8
}
