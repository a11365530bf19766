import type { UserStore } from '@quarry/storage-port'

/** The data of one test, and how it is reached and broken. */
export interface UserStoreBench {
  /** A client of its own connection, such as another server would be. */
  client(): Promise<UserStore>
  /** Makes each of that client's next writes fail at this moment until `mend`: nothing done, or done and not answered. */
  breakWrites?(client: UserStore, moment: 'before' | 'midway' | 'after'): void
  mend?(client: UserStore): void
  close(): Promise<void>
}

export interface UserStoreCapabilities {
  /** Whether `breakWrites` and `mend` are there. */
  readonly crashes: boolean
}

/** The tests' view of the bench: three clients of the same data. */
export interface UserStoreStage {
  readonly clients: () => readonly UserStore[]
  readonly bench: () => UserStoreBench
}

export const alice = { userId: 'alice', email: 'alice@example.com', passwordHash: 'hash-1', createdAt: 1000 }
export const RACERS = 8

/** Starts `RACERS` calls at once, spread over the clients, and gives their answers. */
export function race<T>(
  clients: readonly UserStore[],
  call: (store: UserStore, racer: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: RACERS }, (_, racer) => call(clients[racer % clients.length]!, racer)))
}

export function wins(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length
}

/** Alice with a second factor in force at step 100, and two recovery codes. */
export async function enrolled(store: UserStore): Promise<void> {
  await store.createUser(alice)
  await store.proposeTotp('alice', 'sealed')
  await confirm(store, 'sealed', 100)
}

export function confirm(store: UserStore, sealedSecret: string, step: number): Promise<boolean> {
  return store.confirmTotp('alice', { sealedSecret, step, recoveryCodeHashes: ['code-1', 'code-2'] })
}
