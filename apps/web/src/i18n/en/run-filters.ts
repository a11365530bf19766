export const runFilters = {
  all: 'All',
  page: 'Delivered',
  failure: 'Failed',
  target: 'Site at fault',
  miner: 'Miner at fault',
  platform: 'Quarry at fault',
} as const
