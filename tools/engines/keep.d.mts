/** What a keeper runs: a program with its output appended to the file `log`. */
export interface Program {
  command: string
  args: string[]
  cwd: string
  env?: Record<string, string>
  log: string
}

export interface Begun {
  /** The process id, which is also the id of its group. */
  pid: number
  ended: Promise<{ code: number | null; signal: string | null }>
}

export interface Keeper {
  readonly isEnding: boolean
  begin(program: Program): Promise<Begun>
  end(options?: { gently?: boolean }): Promise<void>
  release(): Promise<void>
}

export function openKeeper(options?: { scratch?: string }): Keeper
