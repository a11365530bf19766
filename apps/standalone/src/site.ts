import fastifyStatic from '@fastify/static'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const POLICY = [
  "default-src 'self'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "font-src 'self'",
  "connect-src 'self' ws: wss:", "frame-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Serves the built site: its files as they are, and its start page for every other address that a browser asks for. */
export async function serveSite(app: NestFastifyApplication, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return
  const http = app.getHttpAdapter().getInstance() as FastifyInstance
  await http.register(fastifyStatic, { root: folder, serve: false })
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    const path = decodeURI(request.url.split('?')[0] ?? '/').slice(1)
    reply.header('content-security-policy', POLICY)
    if (path.startsWith('assets/')) {
      return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(path, { cacheControl: false })
    }
    const isFile = path !== '' && !path.split('/').includes('..') && existsSync(join(folder, path)) && /\.[a-z0-9]+$/i.test(path)
    return reply.header('cache-control', 'no-cache').sendFile(isFile ? path : 'index.html', { cacheControl: false })
  }
  const reserved = /^\/(api|internal|metrics|healthz|readyz|\.well-known|mining|results|live|managers)(\/|$)/
  http.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    if ((request.method === 'GET' || request.method === 'HEAD') && !reserved.test(path)) return serve(request, reply)
    return undefined
  })
}
