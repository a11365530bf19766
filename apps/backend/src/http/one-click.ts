import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { FastifyInstance } from 'fastify'

const PATH = '/api/v1/notifications/unsubscribe'

/**
 * Mail programs end a subscription by posting a form (RFC 8058). Forms are refused everywhere else, so that none of
 * another site becomes a request of ours; here the link itself is the permission, and what the form says is not read.
 */
@Injectable()
export class OneClickForms implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>()
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      fastify.addContentTypeParser(type, { parseAs: 'string' }, (request, _body, done) => {
        if (request.url.split('?')[0] === PATH) return done(null, undefined)
        const refusal = Object.assign(new Error('Unsupported Media Type'), {
          statusCode: 415,
          code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE',
        })
        done(refusal)
      })
    }
  }
}
