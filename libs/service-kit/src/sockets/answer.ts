/** How a socket message is answered. */
export type Answer = (...values: unknown[]) => void

/** Whether the peer sent along a way to answer it; what peers send is anything at all. */
export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'function'
}
