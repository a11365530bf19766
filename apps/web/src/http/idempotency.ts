/** 128 random bits as hex; unlike `crypto.randomUUID` it also works outside secure contexts. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * One key for each distinct body: sending the same form twice repeats the key (and makes one order), while a corrected
 * form gets a new one instead of `idempotency_mismatch`.
 */
export function idempotencyKeys(newKey: () => string = randomKey): (body: unknown) => string {
  const given = new Map<string, string>()
  return (body) => {
    const text = JSON.stringify(body)
    const key = given.get(text) ?? newKey()
    given.set(text, key)
    return key
  }
}
