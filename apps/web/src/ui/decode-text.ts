/** The text of `bytes` in the charset that `contentType` names; UTF-8 when it names none, or one nobody knows. */
export function decodeText(bytes: ArrayBuffer, contentType: string): string {
  const label = /charset=["']?([^"';\s]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
