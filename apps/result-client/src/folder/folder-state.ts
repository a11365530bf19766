import { exitCodes, ExitError } from '@quarry/cli-kit'
import { readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, writeNew, type Disk } from './disk.ts'
import type { Durability } from './durability.ts'

/** Whose results a folder holds, and which selections were ever pulled into it. */
interface State {
  readonly server: string
  readonly userId: string
  /** '' is everything. With one selection the log's last line says where it stands; with more the whole log is read. */
  readonly selections: readonly string[]
}

const NAME = '.result-client.json'

/** The small file beside the log that changes only when the folder is pulled in a new way. */
export class FolderState {
  readonly #root: string
  readonly #disk: Disk
  readonly #state: State | undefined

  constructor(root: string, disk: Disk) {
    this.#root = root
    this.#disk = disk
    this.#state = read(join(root, NAME))
  }

  /** Whether results of another selection than this one may lie here. */
  mixedFor(selection: string): boolean {
    return this.#state !== undefined && this.#state.selections.some((known) => known !== selection)
  }

  /** States who pulls; throws `ExitError` (usage) when the folder holds somebody else's results. */
  async claim(by: { server: string; userId: string; selection: string }, durability: Durability): Promise<void> {
    const known = this.#state
    if (known && (known.server !== by.server || known.userId !== by.userId)) {
      throw new ExitError(
        exitCodes.usage,
        'foreign_folder',
        `${this.#root} holds the results of ${known.userId} on ${known.server}; choose another --out for ${by.userId} on ${by.server}.`,
      )
    }
    if (known?.selections.includes(by.selection)) return
    const selections = [...(known?.selections ?? []), by.selection]
    const state: State = { server: by.server, userId: by.userId, selections }
    const path = join(this.#root, NAME)
    const temporary = `${path}.${process.pid}`
    try {
      if (this.#disk.lstatSync(temporary, { throwIfNoEntry: false })) unlinkSync(temporary)
      writeNew(this.#disk, temporary, Buffer.from(`${JSON.stringify(state)}\n`))
      await durability.sync([temporary])
      this.#disk.renameSync(temporary, path)
      await durability.sync([this.#root])
    } catch (error) {
      throw diskError(path, error)
    }
  }
}

function read(path: string): State | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(path, error)
  }
  try {
    const state = JSON.parse(text) as Partial<State> | null
    if (typeof state?.server === 'string' && typeof state.userId === 'string' && Array.isArray(state.selections)) {
      return state as State
    }
  } catch {
    // Told below, as any other content that is not ours.
  }
  throw new ExitError(exitCodes.fatal, 'bad_state', `${path} is damaged. Remove it if this folder is yours.`)
}
