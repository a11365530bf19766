import type { wallet as english } from '../en/wallet.ts'
import type { Words } from '../words.ts'

export const wallet: Words<typeof english> = {
  title: 'Guthaben',
  available: 'Verfügbar',
  held: 'Unterwegs',
  heldHint: 'Coins, die gerade gebucht werden.',
  journal: 'Journal',
  journalCaption: 'Bewegungen deiner Coins, die neuesten zuerst',
  when: 'Wann',
  what: 'Was',
  order: 'Auftrag',
  amount: 'Coins',
  openOrder: 'Auftrag öffnen',
  emptyTitle: 'Noch keine Bewegungen',
  emptyText: 'Hier steht jeder Coin, den du bekommst oder ausgibst, mit seinem Auftrag.',
  emptyAction: 'Auftrag erteilen',
  faucet: 'Coins holen',
  faucetText: 'Dieser Server verteilt Coins kostenlos.',
  faucetAmount: 'Anzahl',
  faucetSubmit: 'Coins holen',
  faucetDone_one: '{{count, number}} Coin gehört dir.',
  faucetDone_other: '{{count, number}} Coins gehören dir.',
  earn: 'Coins verdienen',
  earnText: 'Ein mining-client holt Seiten für andere und verdient ihre Coins.',
  earnAction: 'Mining-client einrichten',
}
