/** Whether the platform knows an IANA zone of this name. */
export function isTimeZone(name: string): boolean {
  // `Intl` also takes offsets such as +01:00, which know no daylight saving; a name says what was meant.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
