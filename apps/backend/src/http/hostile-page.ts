import type { FastifyReply } from 'fastify'
import type { StoredPage } from '../application/read-body.ts'

/** A stored page is hostile: it is only ever handed out as a download, or in a sandbox that runs and loads nothing. */
const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** Sends the page byte for byte as a file of this name. */
export function sendDownload(reply: FastifyReply, page: StoredPage, name: string): void {
  reply
    .type('application/octet-stream')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('content-security-policy', SANDBOX)
    .header('x-content-sha256', page.content.sha256)
    .send(Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength))
}

/** Sends the page for a sandboxed frame. */
export function sendPreview(reply: FastifyReply, page: StoredPage): void {
  reply
    .type(previewType(page.contentType))
    .header('content-security-policy', SANDBOX)
    .send(Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength))
}

/** HTML stays HTML, with the site's own charset; everything else is shown as text. */
function previewType(contentType: string): string {
  const charset = /charset=["']?([A-Za-z0-9_:.-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8'
  return `${/^text\/html|^application\/xhtml/i.test(contentType) ? 'text/html' : 'text/plain'}; charset=${charset}`
}
