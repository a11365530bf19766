import { z } from 'zod'
import type { Scope } from './auth.ts'

/**
 * Device flow (RFC 8628). `POST /api/v1/auth/device_authorization` and `POST /api/v1/auth/device_token` are OAuth's own
 * forms: a form-encoded (or JSON) request, names with underscores, and refusals as RFC 6749 writes them, `error` being a
 * text (`OauthErrorBody`). Everywhere else, and for what no OAuth code says (floods, outages), `error` is the object of
 * `ErrorBody`: whoever reads an answer of these two routes tells the shapes apart by that type alone.
 */
export const DEVICE_GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** The programs that may ask, each with the permissions that it needs and gets unless it asks for fewer. */
export const deviceClients = {
  'mining-client': ['mine'],
  'result-client': ['results:read', 'orders:read'],
} as const satisfies Record<string, readonly Scope[]>
export type DeviceClient = keyof typeof deviceClients

/** Parameters that are not known are ignored, as OAuth wants it. */
export const deviceAuthorizationSchema = z.object({
  client_id: z.enum(Object.keys(deviceClients) as [DeviceClient, ...DeviceClient[]]),
  /** Separated by blanks; all of the client's when left out. */
  scope: z.string().max(200).optional(),
  /** Which machine asks; the token is named after it. */
  device_name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^\p{Cc}\p{Cf}]*$/u)
    .optional(),
})

export interface DeviceAuthorizationAnswer {
  readonly device_code: string
  /** Eight consonants as `XXXX-XXXX`. */
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  /** Least seconds between two polls; five more after each `slow_down`. */
  readonly interval: number
}

export const deviceTokenSchema = z.object({
  grant_type: z.string().max(200),
  device_code: z.string().min(1).max(200),
  client_id: z.string().min(1).max(100),
})

/** The API token, once: the device code is used up. */
export interface DeviceTokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly scope: string
}

export type OauthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'

/** With status 400, 401 for `invalid_client`. */
export interface OauthErrorBody {
  readonly error: OauthErrorCode
  readonly error_description: string
}

/**
 * `POST /api/v1/auth/device/look`, `/approve` and `/refuse`, for a signed-in person with a second factor (`totp_needed`
 * without). `user_code_invalid` when nobody waits under this code; after five of those nothing is looked at for a while.
 */
export const userCodeSchema = z.strictObject({ userCode: z.string().min(1).max(40) })

/** What waits under a user code. */
export interface DeviceRequestView {
  readonly userCode: string
  readonly client: DeviceClient
  readonly deviceName: string
  readonly scopes: readonly Scope[]
  /** The network address that asked, and when. */
  readonly askedFrom: string
  readonly askedAt: number
  readonly expiresAt: number
}
