import type { versions as english } from '../en/versions.ts'
import type { Words } from '../words.ts'

export const versions: Words<typeof english> = {
  title: 'Fassungen',
  lead: 'Jeder unterschiedliche Inhalt einmal. Wähle zwei zum Vergleichen.',
  onlyOne: 'Die Seite hatte bisher in jedem Lauf denselben Inhalt.',
  compare: 'Vergleich',
  content: 'Inhalt',
  lastSeen: 'Zuletzt gesehen',
  firstSeen: 'Zuerst gesehen',
  runs: 'Läufe',
  pick: 'Fassung {{name}} vergleichen',
  showDiff: 'Unterschied zeigen',
  diffOf: 'Lauf {{older}} und Lauf {{newer}} im Vergleich',
  mode: 'Vergleichen nach',
  lines: 'Zeilen',
  words: 'Wörtern',
  ignoreWhitespace: 'Leerzeichen übergehen',
  textOnly: 'Nur Text',
  tooLargeForText: 'Die Seite ist zu groß, um hier ihren Text herauszulösen.',
  tooDifferent:
    'Die beiden sind zu verschieden für einen Vergleich in vertretbarer Zeit. Lade stattdessen beide herunter.',
  patch: 'Patch herunterladen',
  same: 'Kein Unterschied.',
  counts: '{{added, number}} Zeilen hinzugefügt, {{removed, number}} entfernt',
  next: 'Nächste Änderung (n)',
  previous: 'Vorige Änderung (p)',
  unchanged_one: '{{count, number}} unveränderte Zeile',
  unchanged_other: '{{count, number}} unveränderte Zeilen',
  cut: 'Nur die ersten {{count, number}} Zeilen werden gezeigt. Der Patch hat alle.',
}
