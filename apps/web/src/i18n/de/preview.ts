import type { preview as english } from '../en/preview.ts'
import type { Words } from '../words.ts'

export const preview: Words<typeof english> = {
  view: 'Ansicht',
  rendered: 'Seite',
  text: 'Text',
  source: 'Quelltext',
}
