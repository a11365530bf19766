import { Body, Controller, HttpCode, Inject, Ip, Post, Req, Res } from '@nestjs/common'
import {
  DEVICE_GRANT_TYPE,
  deviceAuthorizationSchema,
  deviceTokenSchema,
  type DeviceAuthorizationAnswer,
  type DeviceTokenAnswer,
  type OauthErrorBody,
  type OauthErrorCode,
} from '@quarry/contracts'
import { KERNEL_CONFIG, OpenToAll, TakesForms, type KernelConfig } from '@quarry/service-kit'
import { AskDeviceApproval } from '../application/ask-device-approval.ts'
import { PollDeviceGrant, type NoTokenYet } from '../application/poll-device-grant.ts'
import { siteAddress, type AddressedRequest } from './own-address.ts'
import { granted } from './refusals.ts'

interface StatusReply {
  code(status: number): unknown
}

const words: Readonly<Record<OauthErrorCode, string>> = {
  invalid_request: 'A parameter is missing or malformed.',
  invalid_client: 'Only the programs mining-client and result-client may ask.',
  invalid_grant: 'This device code is unknown or used up.',
  invalid_scope: 'This program may not ask for that permission.',
  unsupported_grant_type: `The grant_type must be ${DEVICE_GRANT_TYPE}.`,
  authorization_pending: 'Nobody has decided yet; ask again after the interval.',
  slow_down: 'That was too soon; wait five seconds longer from now on.',
  access_denied: 'The request was refused in the site.',
  expired_token: 'The code has expired; ask for a new one.',
}

const pollErrors: Readonly<Record<NoTokenYet['kind'], OauthErrorCode>> = {
  'authorization-pending': 'authorization_pending',
  'slow-down': 'slow_down',
  'access-denied': 'access_denied',
  'expired-token': 'expired_token',
  'invalid-grant': 'invalid_grant',
}

/** The device's side of RFC 8628. The only two routes whose refusals are in OAuth's own shape. */
@OpenToAll()
@Controller('api/v1/auth')
export class DeviceOauthController {
  constructor(
    @Inject(AskDeviceApproval) private readonly askApproval: AskDeviceApproval,
    @Inject(PollDeviceGrant) private readonly poll: PollDeviceGrant,
    @Inject(KERNEL_CONFIG) private readonly config: KernelConfig,
  ) {}

  @Post('device_authorization')
  @TakesForms()
  @HttpCode(200)
  async authorize(
    @Body() body: unknown,
    @Ip() askedFrom: string,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<DeviceAuthorizationAnswer | OauthErrorBody> {
    const wish = deviceAuthorizationSchema.safeParse(body)
    if (!wish.success) {
      const wrongClient = wish.error.issues.some(({ path }) => path[0] === 'client_id')
      return refuse(reply, wrongClient ? 'invalid_client' : 'invalid_request')
    }
    const { client_id: client, scope, device_name: deviceName } = wish.data
    const scopes = scope?.split(' ').filter(Boolean)
    const asked = await this.askApproval.run({ client, scopes, deviceName, askedFrom })
    if (!asked.ok && asked.error.kind === 'scope-not-allowed') return refuse(reply, 'invalid_scope')
    const { deviceCode, userCode, expiresInMs, pollIntervalMs } = granted(asked)
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: siteAddress(this.config, request, '/device'),
      verification_uri_complete: siteAddress(this.config, request, `/device?code=${userCode}`),
      expires_in: Math.floor(expiresInMs / 1000),
      interval: Math.ceil(pollIntervalMs / 1000),
    }
  }

  @Post('device_token')
  @TakesForms()
  @HttpCode(200)
  async token(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<DeviceTokenAnswer | OauthErrorBody> {
    const wish = deviceTokenSchema.safeParse(body)
    if (!wish.success) return refuse(reply, 'invalid_request')
    if (wish.data.grant_type !== DEVICE_GRANT_TYPE) return refuse(reply, 'unsupported_grant_type')
    const polled = await this.poll.run(wish.data.client_id, wish.data.device_code)
    if (!polled.ok) return refuse(reply, pollErrors[polled.error.kind])
    return { access_token: polled.value.token, token_type: 'Bearer', scope: polled.value.scopes.join(' ') }
  }
}

function refuse(reply: StatusReply, error: OauthErrorCode): OauthErrorBody {
  reply.code(error === 'invalid_client' ? 401 : 400)
  return { error, error_description: words[error] }
}
