/** Asking a port whether the engine behind it answers. */
import { connect } from 'node:net'

/**
 * Sends bytes to a port of a loopback address and resolves with the first bytes that come back. Rejects when nobody listens, when the
 * other side closes without a word, and after the limit.
 */
export function ask(port, bytes, { limitMs = 1_000, host = '127.0.0.1' } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(bytes))
    const end = (settle, value) => {
      socket.destroy()
      settle(value)
    }
    socket.setTimeout(limitMs, () => end(reject, new Error(`port ${port} did not answer within ${limitMs} ms`)))
    socket.once('data', (answer) => end(resolve, answer))
    socket.once('error', (error) => end(reject, error))
    socket.once('close', () => end(reject, new Error(`port ${port} closed the connection`)))
  })
}
