import type { orders as english } from '../en/orders.ts'
import type { Words } from '../words.ts'

export const orders: Words<typeof english> = {
  title: 'Aufträge',
  new: 'Neuer Auftrag',
  tableCaption: 'Deine Aufträge',
  name: 'Auftrag',
  state: 'Zustand',
  next: 'Nächster Lauf',
  progress: 'Fortschritt',
  last: 'Letztes Ergebnis',
  emptyTitle: 'Noch keine Aufträge',
  emptyText:
    'Gib eine Adresse und einen Zeitplan an. Miner holen die Seite jedes Mal, und du zahlst nur für gelieferte Seiten.',
  emptyAction: 'Ersten Auftrag erteilen',
  noNext: 'Keiner',
  noRunYet: 'Noch kein Lauf',
  runsOf: '{{done, number}} von {{total, number}}',
  progressLabel: '{{delivered, number}} geliefert, {{failed, number}} gescheitert, {{total, number}} insgesamt',
  due: 'Jetzt fällig',
}
