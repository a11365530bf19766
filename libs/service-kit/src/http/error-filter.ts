import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { CodedError } from '@quarry/contracts'
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
    if (status >= 500)
      this.#logger.error(
        { err: error.cause ?? error, requestId: request.id, path: request.url.split('?')[0] },
        error.message,
      )
    sendError(reply, error, request.id)
  }
}

/** Answers with the error, unless an answer has begun. */
export function sendError(reply: FastifyReply, error: CodedError, requestId: string): void {
  if (reply.sent || reply.raw.headersSent) return
  if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000))
  reply
    .code(statusOf(error))
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(toErrorBody(error, requestId)))
}
