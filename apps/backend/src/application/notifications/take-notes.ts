import type { Clock, UserId } from '@quarry/domain'
import type { ChannelProgress, Note, NotificationStore } from '@quarry/storage-port'

/** Ids of notes that a channel remembers to have taken, beyond those that are still there. */
const REMEMBERED = 50
/** A note that some channel never took goes all the same: that channel stands still, and its owner was told. */
const OLDEST_NOTE_MS = 24 * 3600 * 1000

/** The notes that a channel has not taken yet, and its memory once it has. */
export function untaken(
  progress: ChannelProgress,
  notes: readonly Note[],
): { readonly notes: readonly Note[]; readonly takenNotes: readonly string[] } {
  const known = new Set(progress.takenNotes)
  const fresh = notes.filter(({ noteId, at }) => !known.has(noteId) && at >= progress.startedAt)
  if (fresh.length === 0) return { notes: fresh, takenNotes: progress.takenNotes }
  const present = new Set(notes.map(({ noteId }) => noteId))
  const old = progress.takenNotes.filter((noteId) => !present.has(noteId)).slice(-REMEMBERED)
  const kept = progress.takenNotes.filter((noteId) => present.has(noteId))
  return { notes: fresh, takenNotes: [...old, ...kept, ...fresh.map(({ noteId }) => noteId)] }
}

/** Takes away the notes that all of a customer's channels have taken. Dying before that repeats nothing. */
export async function tidyNotes(
  store: NotificationStore,
  clock: Clock,
  of: { userId: UserId; channels: readonly { readonly name: string; readonly since: number }[] },
): Promise<void> {
  const notes = await store.notes(of.userId)
  if (notes.length === 0) return
  const taken = await Promise.all(
    of.channels.map(async ({ name, since }) => {
      const progress = await store.progress(of.userId, name)
      const ids = new Set(progress?.value.startedAt === since ? progress.value.takenNotes : [])
      return ({ noteId, at }: Note) => ids.has(noteId) || at < since
    }),
  )
  const over = notes.filter(
    (note) => note.at < clock.now() - OLDEST_NOTE_MS || taken.every((hasTaken) => hasTaken(note)),
  )
  await store.removeNotes(of.userId, over)
}
