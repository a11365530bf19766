import { diffTexts, patchOf, type DiffOutcome, type DiffWish } from './diff-texts.ts'

/** What the worker is asked. */
export type DiffRequest =
  | { readonly kind: 'diff'; readonly wish: DiffWish }
  | {
      readonly kind: 'patch'
      readonly before: string
      readonly after: string
      readonly names: readonly [string, string]
    }

/** What it answers: one answer for its one request. */
export type DiffAnswer = DiffOutcome | { readonly kind: 'patch'; readonly patch: string | undefined }

addEventListener('message', ({ data }: MessageEvent<DiffRequest>) => {
  const answer: DiffAnswer =
    data.kind === 'diff' ? diffTexts(data.wish) : { kind: 'patch', patch: patchOf(data.before, data.after, data.names) }
  postMessage(answer)
})
