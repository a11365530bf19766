import { Controller, Get, Header, Inject } from '@nestjs/common'
import { OpenToAll } from '@quarry/service-kit'
import type { JWK } from 'jose'
import { SigningKeyRing } from '../application/signing-key-ring.ts'

@OpenToAll()
@Controller('.well-known')
export class JwksController {
  constructor(@Inject(SigningKeyRing) private readonly keys: SigningKeyRing) {}

  /** Caches may keep the keys for half a minute: less than a new one is published before it signs. */
  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=30')
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    return { keys: await this.keys.published() }
  }
}
