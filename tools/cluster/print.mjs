/** What `npm run engines` says: words and a table for people, or one JSON object a line. */

/** The printer: `event`, `ready`, `stopping`, `stopped`. */
export function print(asJson) {
  return asJson ? jsonPrinter : wordPrinter
}

const line = (text) => process.stdout.write(`${text}\n`)

const jsonPrinter = {
  event: (event) => line(JSON.stringify(event)),
  ready: (state) => line(JSON.stringify({ event: 'ready', ...state })),
  stopping: () => line(JSON.stringify({ event: 'stopping' })),
  stopped: () => line(JSON.stringify({ event: 'stopped' })),
}

const words = {
  preparing: ({ text }) => text,
  started: ({ name, pid }) => `started  ${name} (${pid})`,
  exited: ({ name, code, signal }) => `ended    ${name} (${signal ?? `code ${code}`})`,
  failed: ({ name, reason }) => `FAILED   ${name}: ${reason}`,
  migrated: ({ text }) => text,
}

const wordPrinter = {
  event: (event) => line(words[event.event]?.(event) ?? JSON.stringify(event)),
  ready({ url, env, folder, processes }) {
    line('')
    const widths = ['name', 'kind', 'pid'].map((key) => Math.max(...processes.map((each) => String(each[key]).length)))
    for (const { name, kind, pid, address } of processes)
      line(`${name.padEnd(widths[0])}  ${kind.padEnd(widths[1])}  ${String(pid).padStart(widths[2])}  ${address}`)
    line('')
    for (const [name, value] of Object.entries(env)) line(`${name}=${value}`)
    line(`\nQuarry runs at ${url}; data and logs in ${folder}. Stop with Ctrl-C.`)
  },
  stopping: () => line('Stopping.'),
  stopped: () => line('Everything that was started here has ended.'),
}
