import { constants } from 'node:fs'
import type { Disk } from './disk.ts'
import { SyncTool } from './sync-tool.ts'

/** Up to here files are synced one by one; more are synced at once by the file system. */
const FEW = 8
const AT_ONCE = 16

/**
 * Makes files and folders durable. A few are synced one by one. Many at once cost a disk flush each, so there the
 * whole file system is synced in one go (`sync -f`, which is syncfs(2)), where the platform has it.
 */
export class Durability {
  readonly #disk: Disk
  readonly #root: string
  readonly #tool = new SyncTool()
  #wholeWorks = process.platform === 'linux'

  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  /** Resolves when the files' content will survive a power cut. Rejects with the system's error. */
  async sync(paths: readonly string[]): Promise<void> {
    if (paths.length > FEW && this.#wholeWorks) {
      if (await this.#tool.sync(this.#root)) return
      this.#wholeWorks = false
    }
    await this.syncEach(paths)
  }

  /** The same, one by one: for folders, where the first sync does the work of all. */
  async syncEach(paths: readonly string[]): Promise<void> {
    let next = 0
    const worker = async () => {
      for (let path = paths[next++]; path !== undefined; path = paths[next++]) await this.#syncOne(path)
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, worker))
  }

  /** The same for a file that is open. */
  syncOpen(fd: number): Promise<void> {
    return new Promise((resolve, reject) => this.#disk.fsync(fd, (error) => (error ? reject(error) : resolve())))
  }

  /** Lets go of the helper process. */
  close(): void {
    this.#tool.close()
  }

  async #syncOne(path: string): Promise<void> {
    const fd = this.#disk.openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      await this.syncOpen(fd)
    } finally {
      this.#disk.closeSync(fd)
    }
  }
}
