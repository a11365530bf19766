import { DEVICE_GRANT_TYPE, type DeviceAuthorizationAnswer } from '@quarry/contracts'
import { CodedError } from '@quarry/contracts'
import { hostname } from 'node:os'
import { exitCodes, ExitError, readErrorBody, wordsOf } from './exit-codes.ts'
import { printable, type Output } from './output.ts'
import type { SignInContext } from './sign-in.ts'

const TIMEOUT_MS = 15_000
/** RFC 8628: what is waited longer after each `slow_down`. */
const SLOW_DOWN_S = 5
const LONGEST_NAME = 60

/**
 * Asks the server for a code, shows it and waits until a person has approved it in the site; resolves with the API token.
 * Rejects with `ExitError`: auth when it was refused or has expired, interrupted at a signal to stop; and with the
 * server's `CodedError`. While it waits, a server that cannot be reached is only asked again.
 */
export async function deviceLogin(
  context: SignInContext,
  output: Output,
  options: { browser: boolean },
): Promise<string> {
  const { io, program, server } = context
  const stopped = new Promise<never>((_, reject) =>
    io.onStop(() => reject(new ExitError(exitCodes.interrupted, 'interrupted', 'The log-in was stopped.'))),
  )
  stopped.catch(() => undefined)
  const body = { client_id: program, device_name: deviceName() }
  const asked = await Promise.race([post(`${server}/api/v1/auth/device_authorization`, body), stopped])
  if (!isAuthorization(asked.body)) throw refusedBy(server, asked)
  const code = asked.body
  const { verification_uri: address, verification_uri_complete: direct, user_code: userCode } = code
  const expiresAt = new Date(context.clock.now() + code.expires_in * 1000).toISOString()
  output.event(
    'login-code',
    { address, direct, userCode, expiresAt },
    `Open ${printable(address)}\nand enter the code  ${output.paint('bold', printable(userCode))}`,
  )
  const opened = options.browser && io.stdout.isTty && !output.json && io.openBrowser(direct)
  output.note(`${opened ? 'Your browser should show it now. ' : ''}Waiting for your approval; Ctrl-C ends it.`)
  return Promise.race([pollUntilDecided(context, code), stopped])
}

async function pollUntilDecided(context: SignInContext, code: DeviceAuthorizationAnswer): Promise<string> {
  const { clock, program, server } = context
  const until = clock.now() + code.expires_in * 1000
  let intervalS = code.interval
  while (clock.now() < until) {
    await new Promise<void>((resolve) => clock.after(intervalS * 1000, resolve))
    const body = { grant_type: DEVICE_GRANT_TYPE, device_code: code.device_code, client_id: program }
    const answer = await post(`${server}/api/v1/auth/device_token`, body).catch(() => undefined)
    const token = (answer?.body as { access_token?: unknown } | undefined)?.access_token
    if (answer?.ok && typeof token === 'string') return token
    const error = (answer?.body as { error?: unknown } | undefined)?.error
    if (error === 'slow_down') intervalS += SLOW_DOWN_S
    else if (error === 'access_denied')
      throw new ExitError(exitCodes.auth, error, 'The log-in was refused in the site.')
    else if (error === 'expired_token') break
    else if (typeof error === 'string' && error !== 'authorization_pending')
      throw new ExitError(exitCodes.auth, 'login_failed', `The code is not valid any more. ${again(program, server)}`)
  }
  throw new ExitError(exitCodes.auth, 'expired_token', `The code has expired. ${again(program, server)}`)
}

function again(program: string, server: string): string {
  return `Run \`${program} login --server ${server}\` again and approve it within 15 minutes.`
}

interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly body: unknown
}

async function post(url: string, body: object): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
    return { ok: response.ok, status: response.status, body: await response.json().catch(() => undefined) }
  } catch (error) {
    throw new CodedError('unavailable', `${new URL(url).origin} cannot be reached (${wordsOf(error)}).`, {
      cause: error,
    })
  }
}

function refusedBy(server: string, { status, body }: Answer): CodedError {
  const message = `${server} answered ${status} to the log-in; is a Quarry server there?`
  return readErrorBody(body) ?? new CodedError('unavailable', message)
}

function isAuthorization(body: unknown): body is DeviceAuthorizationAnswer {
  const answer = body as Partial<DeviceAuthorizationAnswer> | null | undefined
  return (
    typeof answer?.device_code === 'string' &&
    typeof answer.user_code === 'string' &&
    [answer.verification_uri, answer.verification_uri_complete].every((url) => /^https?:\/\//.test(String(url))) &&
    typeof answer.expires_in === 'number' &&
    typeof answer.interval === 'number'
  )
}

function deviceName(): string {
  return (
    hostname()
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .trim()
      .slice(0, LONGEST_NAME) || 'unnamed'
  )
}
