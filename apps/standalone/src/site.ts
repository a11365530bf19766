import fastifyStatic from '@fastify/static'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { existsSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'

const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "frame-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Serves the built site: its files, packed as the build left them for whoever takes that, and its start page for every other address that a browser asks for. */
export async function serveSite(app: NestFastifyApplication, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return
  const http = app.getHttpAdapter().getInstance()
  await http.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0] ?? '/'
    const file = fileAt(folder, path)
    reply.header('content-security-policy', POLICY)
    if (!path.startsWith('/assets/')) {
      return reply.header('cache-control', 'no-cache').sendFile(file ?? 'index.html', { cacheControl: false })
    }
    if (file === undefined) return reply.callNotFound()
    return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(file, { cacheControl: false })
  }
  const reserved = /^\/(api|internal|metrics|healthz|readyz|\.well-known|mining|results|live|managers)(\/|$)/
  http.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    if ((request.method === 'GET' || request.method === 'HEAD') && !reserved.test(path)) return serve(request, reply)
    return undefined
  })
}

/** The file that a path of a URL names, relative to the folder; undefined when there is none inside it. */
function fileAt(folder: string, path: string): string | undefined {
  const name = decoded(path)
  if (name === undefined || name.includes('\0')) return undefined
  const root = resolve(folder) + sep
  const file = resolve(join(root, name))
  if (!file.startsWith(root) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined
  return file.slice(root.length)
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
