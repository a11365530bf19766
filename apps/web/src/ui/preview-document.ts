/** How a stored body can be shown. `none`: only as a download. */
export type PreviewKind = 'html' | 'text' | 'none'

/** Longer previews are cut: a frame of many megabytes of text would hang the page. */
export const MAX_PREVIEW_CHARS = 1_500_000

// Nothing may run, load or be sent. Inline styles alone are let through: they load nothing under this policy.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** What of a page to take out before it is shown: whatever could run, load, look up a name or lead away. */
const unwanted =
  'script, noscript, template, meta, link, base, iframe, frame, frameset, object, embed, portal, audio, video'

const unwantedAttributes = new Set([
  'href',
  'xlink:href',
  'ping',
  'target',
  'src',
  'srcset',
  'imagesrcset',
  'poster',
  'background',
  'action',
  'formaction',
])

/** Decides by the `content-type` header whether and how a body is shown. */
export function previewKind(headers: readonly (readonly [string, string])[]): PreviewKind {
  const header = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'text/html'
  const type = header.split(';')[0]!.trim().toLowerCase()
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html'
  if (type.startsWith('text/') || /^application\/(.+\+)?(json|xml|javascript|x-ndjson)$/.test(type)) return 'text'
  return 'none'
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A document for `srcdoc` of a frame with an empty `sandbox`: the policy stands before anything of the page. */
export function previewDocument(
  kind: Exclude<PreviewKind, 'none'>,
  text: string,
  tame: (html: string) => string,
): string {
  const cut = text.slice(0, MAX_PREVIEW_CHARS)
  const head =
    `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="${policy}">` +
    '<meta charset="utf-8"><meta name="referrer" content="no-referrer">' +
    '<style>:root{color-scheme:light;background:#fff}body{margin:1rem;font-family:sans-serif;overflow-wrap:anywhere}' +
    'pre{white-space:pre-wrap;font-size:13px}</style></head><body>'
  return `${head}${kind === 'text' ? `<pre>${escapeHtml(cut)}</pre>` : tame(cut)}</body></html>`
}

/**
 * The page's styles and body without what could run, load or lead away. The frame's sandbox and policy forbid most of it
 * already; they do not cover name look-ups (`dns-prefetch`) and links that the reader clicks. `DOMParser` runs and loads
 * nothing. What it overlooks, the sandbox and the policy still stop.
 */
export function tameHtml(html: string): string {
  // Renamed first: even a document that can run nothing reports each handler to the console as a breach of the policy.
  const quiet = html.replaceAll(/<[^<>]*>/g, (tag) => tag.replaceAll(/([\s"'/])on(?=[a-z]+\s*=)/gi, '$1data-on'))
  const page = new DOMParser().parseFromString(quiet, 'text/html')
  for (const element of page.querySelectorAll(unwanted)) element.remove()
  for (const element of page.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      if (name.startsWith('on') || unwantedAttributes.has(name)) element.removeAttribute(name)
    }
  }
  const styles = [...page.querySelectorAll('head style')].map((style) => style.outerHTML).join('')
  return styles + page.body.innerHTML
}

/** The words of a page, a block a line, without what is not shown. `DOMParser` runs and loads nothing. */
export function textOfHtml(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html')
  for (const element of page.querySelectorAll(`${unwanted}, style, svg`)) element.remove()
  for (const block of page.querySelectorAll('br, p, div, li, tr, h1, h2, h3, h4, h5, h6, section, article, table')) {
    block.append('\n')
    if (block.tagName !== 'BR') block.before('\n')
    else block.after('\n')
  }
  const lines = (page.body.textContent ?? '').split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim())
  return lines.filter((line) => line !== '').join('\n')
}
