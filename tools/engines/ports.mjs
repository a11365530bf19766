/** Free loopback ports for what the tools start. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the range from which the system takes ports for outgoing connections: a client that tries a stopped engine's
 * port again and again must not be given that very port for itself, or the engine could not come back on it.
 */
const lowest = 20_000
const highest = 32_000

/** As many different loopback ports as asked, free at this moment; in an order of chance, so that two tools seldom meet. */
export async function freePorts(count) {
  const found = new Set()
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 1_000) throw new Error(`No free port was found between ${lowest} and ${highest}.`)
    const port = randomInt(lowest, highest)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
