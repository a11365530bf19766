import type { account as english } from '../en/account.ts'
import type { Words } from '../words.ts'

export const account: Words<typeof english> = {
  title: 'Konto',
  profile: 'Profil',
  email: 'E-Mail',
  since: 'Dabei seit',
  totp: 'Anmeldung in zwei Schritten',
  totpOn: 'Eingeschaltet. Beim Anmelden wird ein Code aus deiner Authenticator-App verlangt.',
  totpOff: 'Ausgeschaltet. Mit einem Code aus einer Authenticator-App ist ein gestohlenes Passwort allein nichts wert.',
  totpStart: 'Zwei Schritte einschalten',
  totpPassword: 'Dein Passwort',
  totpContinue: 'Weiter',
  totpScan: 'Scanne dies mit deiner Authenticator-App, oder tippe das Geheimnis ein.',
  totpQr: 'QR-Code für deine Authenticator-App',
  totpSecret: 'Geheimnis',
  totpCode: 'Code aus der App',
  totpCodeWrong: 'Gib die sechs Ziffern ein, die die App zeigt.',
  totpConfirm: 'Einschalten',
  recoveryTitle: 'Wiederherstellungscodes',
  recoveryText:
    'Jeder gilt einmal, wenn deine App nicht zur Hand ist. Bewahre sie sicher auf: Sie werden nur jetzt gezeigt.',
  recoveryCodes: 'Wiederherstellungscodes',
  recoveryDone: 'Ich habe sie gesichert',
  sessions: 'Wo du angemeldet bist',
  sessionCurrent: 'dieser Browser',
  sessionUnknown: 'Unbekannter Browser',
  sessionEnd: 'Abmelden',
  sessionEndOthers: 'Überall sonst abmelden',
  cancel: 'Abbrechen',
}
