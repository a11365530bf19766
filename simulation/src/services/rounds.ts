import type { CancelTimer, Clock } from '@quarry/domain'

/** Runs `action` again and again, `periodMs` after it last ended, whether it succeeded or not. Returns how to stop it. */
export function everyRound(clock: Clock, periodMs: number, action: () => Promise<unknown> | void): () => void {
  let cancel: CancelTimer = () => undefined
  let stopped = false
  const again = () => {
    if (stopped) return
    cancel = clock.after(periodMs, () => {
      void Promise.resolve().then(action).then(again, again)
    })
  }
  again()
  return () => {
    stopped = true
    cancel()
  }
}
