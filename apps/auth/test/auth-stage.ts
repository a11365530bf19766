import type { Mail } from '@quarry/mail-port'
import { LogMailer } from '@quarry/mail-log'
import { MemoryLiveEvents } from '@quarry/messaging-memory'
import { SqliteEngine, SqliteOperatorStore, SqliteUserStore } from '@quarry/storage-sqlite'
import { FakeClock } from '@quarry/testkit'
import { generate } from 'otplib'
import { assembleAuth } from '../src/auth-providers.ts'
import { authConfig } from '../src/auth.config.ts'

export const testEnv = {
  QUARRY_ENV: 'test',
  QUARRY_AUTH_PEPPER: 'test-only pepper of at least thirty-two bytes',
  QUARRY_AUTH_SEALING_KEY: 'test-only sealing key of at least thirty-two bytes',
  QUARRY_AUTH_INSECURE_BCRYPT_COST: '4',
}

export const alice = { email: 'alice@example.com', password: 'plum tree in the rain' }

const SITE = 'https://quarry.example'

/** Auth's use cases on SQLite in memory; `servers` of them share one database, as several processes would. */
export function openStage(
  options: { readonly servers?: number; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const clock = new FakeClock()
  const engine = SqliteEngine.open(':memory:')
  const store = new SqliteUserStore(engine)
  const operator = new SqliteOperatorStore(engine)
  const config = authConfig.read({ ...testEnv, ...options.env })
  const live = new MemoryLiveEvents()
  const mails: Mail[] = []
  const mailer = new LogMailer((mail) => mails.push(mail))
  const surroundings = { store, operator, live, mailer, clock, logger: { warn: () => undefined }, siteUrl: () => SITE }
  const servers = Array.from({ length: options.servers ?? 1 }, () => assembleAuth(surroundings, config))
  const auth = servers[0]!
  return {
    clock,
    store,
    operator,
    live,
    mails,
    config,
    servers,
    auth,
    close: () => engine.close(),
    codeOf: (secret: string, stepsAhead = 0) =>
      generate({ secret, epoch: Math.floor(clock.now() / 1000) + 30 * stepsAhead }),
    /** Registers and gives the user's id. */
    async register(user = alice): Promise<string> {
      await auth.keys.open()
      await auth.registerUser.run(user)
      return (await store.userByEmail(user.email))!.userId
    },
    /** Puts a second factor in force; the clock then stands two steps later, so that a fresh code is to be had. */
    async enrol(userId: string): Promise<{ secret: string; recoveryCodes: readonly string[] }> {
      const enrolled = await auth.enrolTotp.run({ userId, password: alice.password })
      if (!enrolled.ok) throw new Error(enrolled.error.kind)
      const { secret } = enrolled.value
      const code = await this.codeOf(secret)
      const confirmed = await auth.confirmTotp.run({ userId, code, endOtherSessions: false, sessionId: undefined })
      if (!confirmed.ok) throw new Error(confirmed.error.kind)
      await clock.advance(60_000)
      return { secret, recoveryCodes: confirmed.value }
    },
  }
}

export type Stage = ReturnType<typeof openStage>
