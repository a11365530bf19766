import { RouteConfig } from '@nestjs/platform-fastify'
import { CodedError } from '@quarry/contracts'
import type { FastifyInstance } from 'fastify'

const LIMIT_BYTES = 16 * 1024

/** The route takes form-encoded bodies as well as JSON, because a standard says so. Never one that reads cookies. */
export const TakesForms = () => RouteConfig({ takesForms: true })

/** Every other route goes on refusing forms: one of another site must not become a request of ours. */
export function readForms(http: FastifyInstance): void {
  http.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: LIMIT_BYTES },
    (request, body, done) => {
      const { takesForms } = request.routeOptions.config as { takesForms?: boolean }
      if (takesForms) done(null, Object.fromEntries(new URLSearchParams(String(body))))
      else done(new CodedError('unsupported_media_type', 'Send the body as application/json.'))
    },
  )
}
