import { lockFolder } from '@quarry/cli-kit'
import type { RunResult } from '@quarry/domain'
import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ResultStore, StagedResult } from '../application/result-store.ts'
import { diskError, realDisk, realFolder, writeNew, type Disk } from './disk.ts'
import { Durability } from './durability.ts'
import { FolderState } from './folder-state.ts'
import { encodeLine, Manifest, type ManifestLine } from './manifest.ts'
import { namesOf } from './names.ts'

const TEMPORARY = '.incoming'
const LOCK = '.result-client.lock'
/** Results that a server might send again although it was told where we stand. */
const REMEMBERED = 4_096

interface StagedFile {
  readonly temporary: string
  readonly final: string
}

interface Staged extends StagedResult {
  readonly run: RunResult
  readonly folder: string
  readonly files: readonly StagedFile[]
  readonly line: Buffer
}

export interface FolderOptions {
  readonly path: string
  readonly server: string
  /** Which results are asked for; '' for all. */
  readonly selection: string
  readonly disk?: Disk
}

/**
 * The customer's folder. A result is first staged as temporary files; `commit` makes a batch durable and visible in this
 * order: files synced, renamed, their folders synced, log line appended and synced. A crash at any point leaves only
 * temporary files, which the next start removes, or files without a log line, which the next delivery replaces.
 */
export class ResultFolder implements ResultStore<Staged> {
  readonly path: string
  readonly #options: FolderOptions
  readonly #disk: Disk
  readonly #durability: Durability
  readonly #manifest: Manifest
  readonly #state: FolderState
  readonly #mixed: boolean
  readonly #release: () => void
  /** The jobs in the log: all of them in a mixed folder, else the latest. */
  readonly #known = new Set<string>()
  #after: string | undefined
  #staged = 0

  private constructor(options: FolderOptions) {
    this.#options = options
    this.#disk = options.disk ?? realDisk
    this.path = openRoot(options.path)
    this.#release = lockFolder(this.path, LOCK)
    this.#durability = new Durability(this.#disk, this.path)
    this.#state = new FolderState(this.path, this.#disk)
    this.#manifest = new Manifest(join(this.path, 'manifest.jsonl'), this.#disk)
    this.#mixed = this.#state.mixedFor(options.selection)
  }

  /** Opens the folder for this process alone, cleans up after a crash and finds where to go on. Rejects with `ExitError`. */
  static async open(options: FolderOptions): Promise<ResultFolder> {
    const folder = new ResultFolder(options)
    folder.#cleanUp()
    const lines = folder.#mixed ? folder.#manifest.all() : folder.#manifest.tail(REMEMBERED)
    for await (const line of lines) {
      folder.#known.add(line.jobId)
      if ((line.selection ?? '') === options.selection) folder.#after = line.cursor
    }
    return folder
  }

  get after(): string | undefined {
    return this.#after
  }

  has(jobId: string): boolean {
    return this.#known.has(jobId)
  }

  freeBytes(): number {
    const { bavail, bsize } = this.#disk.statfsSync(this.path)
    return bavail * bsize
  }

  claim(userId: string): Promise<void> {
    const { server, selection } = this.#options
    return this.#state.claim({ server, userId, selection }, this.#durability)
  }

  stage(
    result: { cursor: string; run: RunResult; damaged: boolean },
    body: Uint8Array | undefined,
    now: number,
  ): Staged {
    const { run, cursor } = result
    const names = namesOf(run, body !== undefined)
    const line = encodeLine({
      cursor,
      ...run,
      ...(names.body === undefined ? {} : { file: names.body }),
      metadataFile: names.metadata,
      receivedAt: now,
      ...(result.damaged ? { damaged: true } : {}),
      ...(this.#options.selection ? { selection: this.#options.selection } : {}),
    } satisfies ManifestLine)
    const files = [this.#write(names.metadata, line)]
    if (names.body !== undefined && body) files.push(this.#write(names.body, body))
    this.#known.add(run.jobId)
    return { cursor, run, folder: names.folder, files, line, ...(names.body === undefined ? {} : { file: names.body }) }
  }

  async commit(batch: readonly Staged[]): Promise<void> {
    const files = batch.flatMap((staged) => staged.files)
    const folders = [...new Set(batch.map((staged) => staged.folder))].map((folder) => join(this.path, folder))
    try {
      await this.#durability.sync(files.map((file) => file.temporary))
      const anyNew = folders.map((folder) => realFolder(this.#disk, folder)).includes(true)
      for (const { temporary, final } of files) this.#disk.renameSync(temporary, final)
      await this.#durability.syncEach(anyNew ? [...folders, this.path] : folders)
    } catch (error) {
      throw diskError(this.path, error)
    }
    await this.#manifest.append(
      batch.map((staged) => staged.line),
      this.#durability,
    )
    this.#after = batch.at(-1)?.cursor ?? this.#after
    this.#forgetOld()
  }

  close(): void {
    this.#manifest.close()
    this.#durability.close()
    this.#cleanUp()
    this.#release()
  }

  #write(relative: string, bytes: Uint8Array): StagedFile {
    const temporary = join(this.path, TEMPORARY, String(this.#staged++))
    const final = join(this.path, relative)
    try {
      writeNew(this.#disk, temporary, bytes)
    } catch (error) {
      throw diskError(final, error)
    }
    return { temporary, final }
  }

  #forgetOld(): void {
    if (this.#mixed) return
    for (const jobId of this.#known) {
      if (this.#known.size <= REMEMBERED) return
      this.#known.delete(jobId)
    }
  }

  /** Temporary files of a process that died, and ours that were never committed. */
  #cleanUp(): void {
    const temporaries = join(this.path, TEMPORARY)
    try {
      realFolder(this.#disk, temporaries)
      for (const name of readdirSync(temporaries)) rmSync(join(temporaries, name), { recursive: true, force: true })
    } catch (error) {
      throw diskError(temporaries, error)
    }
  }
}

function openRoot(path: string): string {
  try {
    mkdirSync(path, { recursive: true })
    return realpathSync(path)
  } catch (error) {
    throw diskError(path, error)
  }
}
