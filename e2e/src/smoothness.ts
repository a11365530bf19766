import type { Page } from 'playwright-core'

/** How frames came while something went on: milliseconds between one and the next. */
export interface Frames {
  readonly medianMs: number
  readonly longestMs: number
}

/** Frames while the element is scrolled by `stepPx` each; with 0 as they come when nothing happens. */
export function framesWhileScrolling(page: Page, selector: string, stepPx: number): Promise<Frames> {
  return page.evaluate(
    async ({ selector: wanted, stepPx: step }) => {
      const element = document.querySelector(wanted)
      if (element === null) throw new Error(`nothing is ${wanted}`)
      const gaps: number[] = []
      let last = performance.now()
      for (let frame = 0; frame < 90; frame++) {
        await new Promise((done) => requestAnimationFrame(done))
        const now = performance.now()
        gaps.push(now - last)
        last = now
        element.scrollTop += step
      }
      gaps.sort((a, b) => a - b)
      return { medianMs: gaps[Math.floor(gaps.length / 2)] ?? 0, longestMs: gaps.at(-1) ?? 0 }
    },
    { selector, stepPx },
  )
}
