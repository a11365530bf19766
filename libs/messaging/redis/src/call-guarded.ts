/** Calls a listener; what it throws becomes a process warning and keeps nobody else from hearing. */
export function callGuarded(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
