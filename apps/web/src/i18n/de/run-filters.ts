import type { runFilters as english } from '../en/run-filters.ts'
import type { Words } from '../words.ts'

export const runFilters: Words<typeof english> = {
  all: 'Alle',
  page: 'Geliefert',
  failure: 'Gescheitert',
  target: 'Wegen der Seite',
  miner: 'Wegen des Miners',
  platform: 'Wegen Quarry',
}
