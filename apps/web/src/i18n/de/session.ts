import type { session as english } from '../en/session.ts'
import type { Words } from '../words.ts'

export const session: Words<typeof english> = {
  tagline: 'Seiten nach Zeitplan, von Menschen geholt, mit Coins bezahlt.',
  signIn: 'Anmelden',
  signInTitle: 'Anmelden',
  email: 'E-Mail',
  password: 'Passwort',
  showPassword: 'Passwort anzeigen',
  code: 'Bestätigungscode',
  codeTitle: 'Zweiter Schritt',
  codeHint: 'Sechs Ziffern aus deiner Authenticator-App oder ein Wiederherstellungscode.',
  back: 'Zurück',
  register: 'Konto anlegen',
  registerTitle: 'Konto anlegen',
  passwordHint: 'Mindestens 8 Zeichen, besser 15. Ein Satz ist in Ordnung.',
  noAccount: 'Noch kein Konto?',
  haveAccount: 'Schon ein Konto?',
  registered: 'Dein Konto ist angelegt, falls die Adresse neu war. Bitte melde dich an.',
  emailNeeded: 'Gib eine E-Mail-Adresse ein.',
  passwordNeeded: 'Gib dein Passwort ein.',
  passwordShort: 'Nimm mindestens 8 Zeichen.',
  codeNeeded: 'Gib den Code ein.',
}
