import type { devices as english } from '../en/devices.ts'
import type { Words } from '../words.ts'

export const devices: Words<typeof english> = {
  title: 'Gerät verbinden',
  code: 'Code',
  codeHint: 'Acht Buchstaben, wie sie das Programm auf deinem anderen Gerät zeigt.',
  codeWrong: 'Gib alle acht Buchstaben ein. Vokale sind nicht dabei.',
  continue: 'Weiter',
  asks: '{{client}} möchte für dich handeln.',
  compare: 'Mach nur weiter, wenn das Programm genau diesen Code zeigt.',
  device: 'Gerät',
  may: 'Es darf',
  from: 'Gefragt von',
  asked: 'Gefragt',
  warning: 'Hat dir jemand diesen Code oder einen Link hierher geschickt? Dann lehne ab: Der Absender bekäme Zugang.',
  approve: 'Erlauben',
  refuse: 'Ablehnen',
  approvedTitle: 'Verbunden',
  approvedText:
    '„{{name}}“ macht in wenigen Sekunden von selbst weiter. Du kannst sein Token jederzeit im Konto widerrufen.',
  refusedTitle: 'Abgelehnt',
  refusedText: '„{{name}}“ wurde abgewiesen und hat nichts bekommen.',
  another: 'Anderen Code eingeben',
  totpTitle: 'Schalte zuerst die Anmeldung in zwei Schritten ein',
  totpText:
    'Ein Programm darf erst für dich handeln, wenn ein zweiter Schritt dein Konto schützt. Komm danach mit dem Code zurück.',
  totpAction: 'Einrichten',
}
