import type { VersionView } from '@quarry/contracts'

/** The versions of several pages, newest page first, as if they had been one; the one seen last comes first. */
export function mergeVersions(pages: readonly (readonly VersionView[])[]): readonly VersionView[] {
  const merged = new Map<string, VersionView>()
  for (const version of pages.flat()) {
    const known = merged.get(version.sha256)
    merged.set(
      version.sha256,
      known === undefined
        ? version
        : { ...known, runs: known.runs + version.runs, firstRep: version.firstRep, firstAt: version.firstAt },
    )
  }
  return [...merged.values()]
}
