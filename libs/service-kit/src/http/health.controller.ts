import { Controller, Get, Header, Inject, Res } from '@nestjs/common'
import type { HealthView } from '@quarry/contracts'
import type { FastifyReply } from 'fastify'
import type { Registry } from 'prom-client'
import { OpenToAll } from '../identity/require-scope.ts'
import { METRICS, READINESS } from '../tokens.ts'
import type { Readiness } from '../readiness.ts'
import { NotInOpenApi } from './not-in-open-api.ts'

@NotInOpenApi()
@OpenToAll()
@Controller()
export class HealthController {
  readonly #readiness: Readiness
  readonly #metrics: Registry

  constructor(@Inject(READINESS) readiness: Readiness, @Inject(METRICS) metrics: Registry) {
    this.#readiness = readiness
    this.#metrics = metrics
  }

  @Get('healthz')
  health(): HealthView {
    return { status: 'ok', service: this.#readiness.service, checks: {} }
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthView> {
    const view = await this.#readiness.view()
    reply.code(view.status === 'ok' ? 200 : 503)
    return view
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.#metrics.metrics()
  }
}
