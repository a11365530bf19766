/** Signs the mining-client in at `origin` and starts it. */
export function miningCommands(origin: string): string {
  return `npx mining-client login --server ${origin}\nnpx mining-client mine`
}

/** Signs the result-client in at `origin` and lets it save every page into ./pages. */
export function resultCommands(origin: string): string {
  return `npx result-client login --server ${origin}\nnpx result-client pull --out ./pages`
}
