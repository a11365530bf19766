const LINGER_MS = 2_000

/** Ends the process with the code as soon as everything written is through; after two seconds in any case. */
export function endProcess(code: number): void {
  process.exitCode = code
  setTimeout(() => process.exit(code), LINGER_MS).unref()
}
