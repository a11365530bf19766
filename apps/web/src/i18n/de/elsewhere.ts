import type { elsewhere as english } from '../en/elsewhere.ts'
import type { Words } from '../words.ts'

export const elsewhere: Words<typeof english> = {
  or: 'oder',
  continueWith: 'Weiter mit {{name}}',
  lookAround: 'Als Gast umsehen',
  codeText: '{{name}} kennt dich. Dein Konto verlangt dazu seinen eigenen zweiten Schritt.',
  title: 'Weitere Wege, dich anzumelden',
  link: 'Verknüpfen',
  linkNamed: '{{name}} verknüpfen',
  linkText: 'Melde dich über {{name}} an statt mit deinem Passwort.',
  linked: 'Verknüpft',
  unlink: 'Lösen',
  unlinkNamed: 'Verknüpfung mit {{name}} lösen',
  unlinkText: 'Wer du bei {{name}} bist, bringt dich dann hier nicht mehr hinein. Dein Passwort bleibt.',
  lastWayIn: 'Das ist dein einziger Weg hinein. Setze ein Passwort, dann kannst du ihn lösen.',
  noPassword: 'Noch kein Passwort',
  noPasswordText:
    'Mit einem kommst du ohne den anderen Anbieter hinein und kannst Heikles ändern: den zweiten Schritt, Verknüpfungen, API-Tokens.',
  setPassword: 'Passwort setzen',
  guest: 'Du bist zu Gast.',
  guestText: 'Das ist ein Demo-Konto: Sieh dir alles an, ändern lässt sich nichts.',
  guestLeave: 'Anmelden oder Konto anlegen',
}
