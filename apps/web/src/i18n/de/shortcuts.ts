import type { shortcuts as english } from '../en/shortcuts.ts'
import type { Words } from '../words.ts'

export const shortcuts: Words<typeof english> = {
  title: 'Tastenkürzel',
  show: 'Tastenkürzel',
  search: 'Deine Aufträge durchsuchen',
  sheet: 'Diese Liste',
  close: 'Schließen, was offen ist',
  then: 'dann',
  on: 'Kürzel mit einzelnen Buchstaben',
}
