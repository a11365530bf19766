export const preview = {
  view: 'View',
  rendered: 'Page',
  text: 'Text',
  source: 'Source',
} as const
