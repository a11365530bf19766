import type { RunResult } from '@quarry/domain'

/** Where a result's files lie, relative to the output folder. Made from checked ids and hashes only, never from a page. */
export interface ResultNames {
  readonly folder: string
  /** Absent when there is no body. */
  readonly body?: string
  readonly metadata: string
}

/** Enough for the largest repetition number, so that names sort in order. */
const REP_DIGITS = 9

const extensions: Readonly<Record<string, string>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'xhtml',
  'text/plain': 'txt',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/markdown': 'md',
  'text/calendar': 'ics',
  'text/javascript': 'js',
  'application/javascript': 'js',
  'application/json': 'json',
  'application/ld+json': 'json',
  'application/feed+json': 'json',
  'application/x-ndjson': 'jsonl',
  'text/xml': 'xml',
  'application/xml': 'xml',
  'application/rss+xml': 'xml',
  'application/atom+xml': 'xml',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/gzip': 'gz',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/svg+xml': 'svg',
  'image/x-icon': 'ico',
  'font/woff2': 'woff2',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
}

/** `hasBody` is false for failures and for pages whose body turned out damaged. */
export function namesOf(run: RunResult, hasBody: boolean): ResultNames {
  const { outcome } = run
  const rep = String(run.rep).padStart(REP_DIGITS, '0')
  const folder = run.orderId
  if (outcome.kind === 'failure') return { folder, metadata: `${folder}/${rep}-failed.meta.json` }
  const stem = `${folder}/${rep}-${outcome.content.sha256.slice(0, 12)}`
  const metadata = `${stem}.meta.json`
  return hasBody ? { folder, body: `${stem}.${extensionOf(outcome.headers)}`, metadata } : { folder, metadata }
}

function extensionOf(headers: readonly (readonly [string, string])[]): string {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  const essence = type?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return Object.hasOwn(extensions, essence) ? (extensions[essence] ?? 'bin') : 'bin'
}
