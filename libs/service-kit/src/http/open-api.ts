import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { ModulesContainer } from '@nestjs/core'
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'

const PATH = 'api/docs'
/** Where Nest keeps what the parameter decorators said. */
const ROUTE_ARGUMENTS = '__routeArguments__'
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"

/** Serves the OpenAPI description of the public routes at `/api/docs-json`, and a page to read it at `/api/docs`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Quarry')
    .setDescription('Order web pages on a schedule. Every error is an `ErrorBody` with a stable code.')
    .setVersion('1')
    .addBearerAuth()
    .build()
  SwaggerModule.setup(PATH, app, () => createDocument(app, description), { jsonDocumentUrl: `${PATH}-json` })
  const http = app.getHttpAdapter().getInstance()
  http.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith(`/${PATH}`)) reply.header('content-security-policy', POLICY)
  })
}

function createDocument(app: NestFastifyApplication, description: Omit<OpenAPIObject, 'paths'>): OpenAPIObject {
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values())
      if (typeof metatype === 'function') countParameters(metatype)
  }
  return SwaggerModule.createDocument(app, description)
}

/**
 * The description's schemas come from the routes' own zod schemas, but swagger looks at a route only when the compiler
 * left the types of its parameters, which ours does not (ADR 3). So it is told that there are parameters, of any type.
 */
function countParameters(controller: { readonly prototype: object; readonly name: string }): void {
  for (const method of Object.getOwnPropertyNames(controller.prototype)) {
    const parameters = Reflect.getMetadata(ROUTE_ARGUMENTS, controller, method) as object | undefined
    if (!parameters) continue
    const types = new Array<unknown>(Object.keys(parameters).length + 1).fill(Object)
    Reflect.defineMetadata('design:paramtypes', types, controller.prototype, method)
  }
}
