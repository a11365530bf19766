import type { tour as english } from '../en/tour.ts'
import type { Words } from '../words.ts'

export const tour: Words<typeof english> = {
  title: 'Erste Schritte',
  show: 'Erste Schritte zeigen',
  hide: 'Weglegen',
  done: '(erledigt)',
  steps: {
    try: {
      title: 'Eine Seite ausprobieren',
      text: 'Gib eine Adresse ein und lass sie vor dem Auftrag einmal kostenlos holen.',
    },
    schedule: {
      title: 'Nach Zeitplan bestellen',
      text: 'Sag, wie oft, sieh Kosten und erste Läufe, und erteile den Auftrag.',
    },
    page: {
      title: 'Deine erste Seite kommt an',
      text: 'Sobald ein Miner frei ist. Du kannst auch selbst einen starten.',
    },
    receive: {
      title: 'Seiten als Dateien empfangen',
      text: 'Melde den result-client einmal an; er schreibt jede Seite auf deine Platte.',
    },
  },
  toTry: 'Seite ausprobieren',
  toSchedule: 'Auftrag erteilen',
  toMiners: 'Miner starten',
  toTokens: 'Token anlegen',
  command: 'Befehle des result-client',
  secondFactorTitle: 'Mach ein gestohlenes Passwort wertlos',
  secondFactorText:
    'Richte die Anmeldung in zwei Schritten mit einer App auf deinem Telefon ein. Das dauert eine Minute, und API-Token brauchen es.',
  secondFactorSetUp: 'Jetzt einrichten',
  secondFactorLater: 'Später',
}
