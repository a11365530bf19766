import { brotliCompressSync, gzipSync } from 'node:zlib'

/** A page as the site sends it. `bytes` is what has to reach the customer: the body after transfer decoding. */
export interface TargetPage {
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** What goes over the wire when it differs from `bytes`. */
  readonly sent?: Buffer
  readonly status?: number
}

const text = 'A page that real sites could have sent. '
const html = (title: string, body: string) =>
  Buffer.from(`<!doctype html><title>${title}</title><h1>${title}</h1>${body}\n`)
const plain = html('A plain page', `<p>${text.repeat(200)}</p>`)
const packed = html('A packed page', `<p>${text.repeat(2000)}</p>`)
const packedHtml = (encoding: string) => ({ 'content-type': 'text/html; charset=utf-8', 'content-encoding': encoding })

/** Pages that always answer the same, by path. */
export const targetPages: Readonly<Record<string, TargetPage>> = {
  '/page': { bytes: plain, headers: { 'content-type': 'text/html; charset=utf-8', etag: '"plain-1"' } },
  '/gzip': { bytes: packed, sent: gzipSync(packed), headers: packedHtml('gzip') },
  '/br': { bytes: packed, sent: brotliCompressSync(packed), headers: packedHtml('br') },
  '/no-charset': { bytes: Buffer.from('<p>caf\xe9</p>', 'latin1'), headers: { 'content-type': 'text/html' } },
  '/no-type': { bytes: Buffer.from('no content-type at all'), headers: {} },
  '/nul': { bytes: Buffer.from('before\0after\0\0\r\n\x1b[31mred'), headers: { 'content-type': 'text/plain' } },
  '/invalid-utf8': {
    bytes: Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x00, 0xf0, 0x9f]),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  },
  '/one-line': { bytes: Buffer.alloc(900_000, 'line'), headers: { 'content-type': 'text/plain; charset=utf-8' } },
  '/empty': { bytes: Buffer.alloc(0), headers: { 'content-type': 'text/html' } },
  '/no-content': { bytes: Buffer.alloc(0), headers: {}, status: 204 },
  '/missing': { bytes: html('Not here', ''), headers: { 'content-type': 'text/html' }, status: 404 },
  '/forbidden': { bytes: html('No', ''), headers: { 'content-type': 'text/html' }, status: 403 },
  '/too-large': { bytes: Buffer.alloc(3_000_000, 'x'), headers: { 'content-type': 'text/plain' } },
  '/bomb': {
    bytes: Buffer.alloc(0),
    sent: gzipSync(Buffer.alloc(40_000_000)),
    headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' },
  },
  '/not-gzip': {
    bytes: Buffer.alloc(0),
    sent: Buffer.from('this is no gzip'),
    headers: { 'content-encoding': 'gzip' },
  },
  '/private/diary': { bytes: html('Nobody may read this', ''), headers: { 'content-type': 'text/html' } },
}

/** Every way in which a page could reach out of its frame; each asks `beacon` for something when it succeeds. */
export function hostilePage(beacon: string): TargetPage {
  const reach = (way: string) => `${beacon}?way=${way}`
  const script = (way: string) =>
    `try{top.quarryHacked='${way}'}catch{}try{parent.quarryHacked='${way}'}catch{}window.quarryHacked='${way}';new Image().src='${reach(way)}'`
  const page = `<!doctype html><html><head>
<title>"><script>${script('title')}</script></title>
<base href="${beacon}/"><link rel="dns-prefetch" href="${beacon}"><link rel="preload" as="image" href="${reach('preload')}">
<link rel="stylesheet" href="${reach('stylesheet')}"><link rel="icon" href="${reach('icon')}">
<meta http-equiv="refresh" content="0;url=${reach('refresh')}">
<style>@import url(${reach('import')});body{background:url(${reach('background')})}@font-face{font-family:x;src:url(${reach('font')})}h1{font-family:x}</style>
<script>${script('script')}</script><script src="${reach('outside-script')}"></script></head>
<body onload="${script('onload')}"><h1>A hostile page</h1>
<img src="${reach('image')}" onerror="${script('onerror')}"><img src=x onerror="${script('broken-image')}">
<svg onload="${script('svg')}"><image href="${reach('svg-image')}"></image></svg>
<iframe src="${reach('frame')}"></iframe><iframe srcdoc="<script>${script('srcdoc')}</script>"></iframe>
<object data="${reach('object')}"></object><embed src="${reach('embed')}"><video src="${reach('video')}" autoplay poster="${reach('poster')}"></video>
<form id=f action="${reach('form')}"><input autofocus onfocus="${script('focus')}"></form><script>f.submit()</script>
<a href="javascript:${script('link')}" ping="${reach('ping')}">a link</a><details open ontoggle="${script('toggle')}">details</details>
<noscript><img src="${reach('noscript')}"></noscript><template><img src="${reach('template')}"></template>
<math><mtext><table><mglyph><style><img src="${reach('mutation')}" onerror="${script('mutation')}"></style></mglyph></table></mtext></math>
</body></html>`
  return {
    bytes: Buffer.from(page),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'attachment; filename="../../x"',
      link: `<${reach('link-header')}>; rel=preload; as=image`,
      refresh: `0;url=${reach('refresh-header')}`,
      'set-cookie': 'stolen=1; Path=/',
      'x-markup': '<img src=x onerror=alert(1)>',
    },
  }
}
