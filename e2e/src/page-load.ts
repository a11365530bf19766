/** How a page came up: when something was seen, what moved about afterwards, and the script that came before. */
export interface PageLoad {
  /** When the page itself was first seen: its heading or its form, not the dots that may stand there before. */
  readonly paintMs: number
  /** As in Cumulative Layout Shift: the sum over all shifts that nobody asked for. */
  readonly shift: number
  /** What moved, for whoever has to mend it. */
  readonly moved: string[]
  /** Bytes of script as they came over the wire until the first paint. */
  readonly scriptBytes: number
}

declare global {
  interface Window {
    quarryLoad: () => Promise<PageLoad>
  }
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number
  readonly hadRecentInput: boolean
  readonly sources: readonly { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[]
}

/** Give it to `addInitScript`: it runs in the page, before anything else, and leaves `quarryLoad` there. */
export function watchLoad(): void {
  let shift = 0
  const moved: string[] = []
  const take = (entries: PerformanceEntryList) => {
    for (const { value, hadRecentInput, sources } of entries as LayoutShift[]) {
      if (hadRecentInput) continue
      shift += value
      for (const { node, previousRect, currentRect } of sources) {
        const element = node instanceof Element ? node : node?.parentElement
        const name = element?.textContent.slice(0, 40) ?? '?'
        moved.push(`${name}: ${JSON.stringify(previousRect)} to ${JSON.stringify(currentRect)}`)
      }
    }
  }
  const observer = new PerformanceObserver((list) => take(list.getEntries()))
  observer.observe({ type: 'layout-shift', buffered: true })
  let shownMs = 0
  const arrival = new MutationObserver(() => {
    if (document.querySelector('h1, form') === null) return
    arrival.disconnect()
    requestAnimationFrame(() => (shownMs = performance.now()))
  })
  arrival.observe(document, { childList: true, subtree: true })
  window.quarryLoad = async () => {
    // The shifts of the frame that showed the last of the page are told one frame later.
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))
    take(observer.takeRecords())
    const firstMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity
    const paintMs = Math.max(firstMs, shownMs)
    const scripts = performance
      .getEntriesByType('resource')
      .filter(({ name, startTime }) => name.includes('.js') && startTime < paintMs)
    const scriptBytes = scripts.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0)
    return { paintMs, shift, moved, scriptBytes }
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
