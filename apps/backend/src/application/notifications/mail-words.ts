import type { WaitingMail } from '@quarry/storage-port'

/** An order in a mail: its name or its address, and what happened. */
export interface MailedOrder extends WaitingMail {
  readonly title: string
}

/** What one mail is about. */
export interface MailContent {
  readonly orders: readonly MailedOrder[]
  /** Orders beyond those that are listed. */
  readonly moreOrders: number
  readonly low?: { readonly availableCoins: number; readonly thresholdCoins: number }
  /** Names of webhooks that were switched off. */
  readonly disabled: readonly string[]
}

interface Links {
  readonly site: string
  readonly unsubscribe: string
}

interface MailWords {
  changed(title: string): string
  failing(title: string): string
  several(count: number): string
  changes(count: number): string
  failed: string
  more(count: number): string
  lowSubject: string
  low(available: number, threshold: number): string
  disabledSubject: string
  disabled(name: string): string
  settings: string
  unsubscribe: string
}

const english: MailWords = {
  changed: (title) => `${title} has changed`,
  failing: (title) => `${title} fails`,
  several: (count) => `News of ${count} orders`,
  changes: (count) => (count === 1 ? 'The page changed.' : `The page changed ${count} times.`),
  failed: 'Several runs in a row brought no page; their coins came back.',
  more: (count) => `… and ${count} more orders.`,
  lowSubject: 'Your coins run low',
  low: (available, threshold) =>
    `You have ${available} coins left, fewer than the ${threshold} that you set as the limit.`,
  disabledSubject: 'A webhook was switched off',
  disabled: (name) => `The webhook ${name} took nothing for days, or said that it is gone, so it was switched off.`,
  settings: 'Change what you are told',
  unsubscribe: 'No more of these mails, with one click',
}

const german: MailWords = {
  changed: (title) => `${title} hat sich geändert`,
  failing: (title) => `${title} schlägt fehl`,
  several: (count) => `Neues von ${count} Aufträgen`,
  changes: (count) => (count === 1 ? 'Die Seite hat sich geändert.' : `Die Seite hat sich ${count}-mal geändert.`),
  failed: 'Mehrere Läufe hintereinander brachten keine Seite; ihre Coins sind zurück.',
  more: (count) => `… und ${count} weitere Aufträge.`,
  lowSubject: 'Deine Coins werden knapp',
  low: (available, threshold) =>
    `Du hast noch ${available} Coins, weniger als die ${threshold}, die du als Grenze gesetzt hast.`,
  disabledSubject: 'Ein Webhook wurde abgeschaltet',
  disabled: (name) => `Der Webhook ${name} nahm tagelang nichts an oder meldete sich ab, darum wurde er abgeschaltet.`,
  settings: 'Ändere, was du hören willst',
  unsubscribe: 'Keine dieser Mails mehr, mit einem Klick',
}

/** Subject and text of a mail in the user's language. What users and sites wrote stays in its line. */
export function writeMail(
  content: MailContent,
  language: 'en' | 'de',
  links: Links,
): { subject: string; text: string } {
  const words = language === 'de' ? german : english
  const { orders, moreOrders, low, disabled } = content
  const parts = orders.map(({ title, changes, failing, orderId }) =>
    [
      oneLine(title),
      ...(changes > 0 ? [`  ${words.changes(changes)}`] : []),
      ...(failing ? [`  ${words.failed}`] : []),
      `  ${links.site}/orders/${orderId}`,
    ].join('\n'),
  )
  if (moreOrders > 0) parts.push(words.more(moreOrders))
  if (low) parts.push(`${words.low(low.availableCoins, low.thresholdCoins)}\n  ${links.site}/wallet`)
  for (const name of disabled) parts.push(`${words.disabled(oneLine(name))}\n  ${links.site}/notifications`)
  parts.push(`--\n${words.settings}:\n  ${links.site}/notifications\n${words.unsubscribe}:\n  ${links.unsubscribe}`)
  return { subject: subjectOf(content, words), text: `${parts.join('\n\n')}\n` }
}

function subjectOf({ orders, moreOrders, low }: MailContent, words: MailWords): string {
  const [first] = orders
  if (!first) return low ? words.lowSubject : words.disabledSubject
  if (orders.length + moreOrders > 1) return words.several(orders.length + moreOrders)
  const title = oneLine(first.title).slice(0, 120)
  return first.failing ? words.failing(title) : words.changed(title)
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
