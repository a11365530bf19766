export const shortcuts = {
  title: 'Keyboard shortcuts',
  show: 'Keyboard shortcuts',
  search: 'Search your orders',
  sheet: 'This list',
  close: 'Close what is open',
  then: 'then',
  on: 'Shortcuts with single letters',
} as const
