import { createServer } from 'node:net'

const TRIES = 100

/** The first free port from `first` on. */
export async function freePort(first: number, host: string): Promise<number> {
  for (let port = first; port < first + TRIES; port++) {
    if (await isFree(port, host)) return port
  }
  return 0
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
