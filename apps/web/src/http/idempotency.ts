/** 128 random bits as hex; unlike `crypto.randomUUID` it also works outside secure contexts. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * One key for each distinct body of a form: sending it twice, also after a reload, repeats the key (and makes one order),
 * while a corrected form gets a new one instead of `idempotency_mismatch`. `formKey` is kept with what was typed.
 */
export function keyOfBody(formKey: string, body: unknown): string {
  let hash = 0x811c9dc5
  for (const letter of JSON.stringify(body)) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return `${formKey}-${(hash >>> 0).toString(16)}`
}
