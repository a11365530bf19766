/** Puts `text` on the clipboard and says whether that worked: outside secure contexts (plain http) there is none. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
