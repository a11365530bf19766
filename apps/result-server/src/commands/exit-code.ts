import { Unavailable, UnknownOutcome } from '@quarry/domain'

/** Where a command prints. */
export interface Output {
  write(text: string): unknown
}

/** The exit code of a command that needs engines: 0, or 1 when one of them does not answer, and then its reason is printed. */
export async function exitCodeOf(work: Promise<void>, output: Output): Promise<0 | 1> {
  try {
    await work
    return 0
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof UnknownOutcome)) throw error
    output.write(`${error.message}\n`)
    return 1
  }
}
