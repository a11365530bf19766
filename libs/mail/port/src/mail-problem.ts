import type { Mail } from './mailer.ts'

const ADDRESS = /^[!#$%&'*+\-./0-9=?A-Z^_`a-z{|}~]{1,64}@[-.0-9A-Za-z]{1,253}$/
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]{1,200}$/u
const MESSAGE_ID = /^[A-Za-z0-9._-]{1,100}$/
const LINK = /^https?:\/\/[\x21-\x3b\x3d\x3f-\x7e]{1,900}$/
const LONGEST_TEXT = 100_000

/** What makes this no proper mail; undefined when it is one. Every adapter asks this first. */
export function mailProblem({ to, subject, text, messageId, unsubscribeUrl }: Mail): string | undefined {
  if (!ADDRESS.test(to)) return 'the recipient is not one address'
  if (!ONE_LINE.test(subject)) return 'the subject is not one line of 1 to 200 characters'
  if (text.length > LONGEST_TEXT || text.includes('\0')) return 'the text is too long, or binary'
  if (!MESSAGE_ID.test(messageId)) return 'the message id has characters that it may not have'
  if (unsubscribeUrl !== undefined && !LINK.test(unsubscribeUrl))
    return 'the link to unsubscribe is not one http address'
  return undefined
}
