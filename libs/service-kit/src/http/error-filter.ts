import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { statusOf, toCodedError, toErrorBody } from './problems.ts'

/** Turns whatever a request ended with into an `ErrorBody`; only faults of our own are logged, with their cause. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>()
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    const error = toCodedError(thrown)
    const status = statusOf(error)
    if (status >= 500) this.#logger.error({ err: error.cause ?? error, requestId: request.id, path: request.url.split('?')[0] }, error.message)
    if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000))
    if (reply.sent || reply.raw.headersSent) return
    reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(toErrorBody(error, request.id)))
  }
}
