import { err, ok, type Result } from '../result.ts'

export const MIN_NICKNAME_LENGTH = 3
export const MAX_NICKNAME_LENGTH = 20

/** A name that a user chose to be shown to others. */
export interface Nickname {
  /** As it is shown. */
  readonly shown: string
  /** What must be unique: the same for names that look alike. */
  readonly folded: string
}

export type NicknameProblem = 'shape' | 'reserved'

const SHAPE = /^[a-z0-9](?:[-_.]?[a-z0-9])*$/i
/** Digits that stand for letters when names are compared. */
const lookalikes: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '3': 'e', '5': 's', i: 'l' }
const reserved = [
  'admin',
  'administrator',
  'moderator',
  'operator',
  'owner',
  'quarry',
  'root',
  'security',
  'staff',
  'support',
  'system',
]
const foldedReserved: ReadonlySet<string> = new Set(reserved.map(fold))

/** Checks a nickname: Latin letters and digits only, so that no two scripts make the same picture. */
export function parseNickname(text: string): Result<Nickname, NicknameProblem> {
  const shown = text.trim()
  if (shown.length < MIN_NICKNAME_LENGTH || shown.length > MAX_NICKNAME_LENGTH || !SHAPE.test(shown))
    return err('shape')
  const folded = fold(shown)
  return foldedReserved.has(folded) ? err('reserved') : ok({ shown, folded })
}

function fold(name: string): string {
  const bare = name.toLowerCase().replaceAll(/[-_.]/g, '')
  return bare.replaceAll(/./g, (letter) => lookalikes[letter] ?? letter)
}
