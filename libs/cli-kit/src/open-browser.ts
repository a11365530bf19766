import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
}

/**
 * Opens an http(s) address in the person's browser; false where there is none to be expected. Whether it worked nobody
 * knows: the address must have been told in words as well.
 */
export function openBrowser(url: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const [command, ...args] = openers[process.platform] ?? []
  const display = process.platform !== 'linux' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY'])
  if (command === undefined || !display || env['SSH_CONNECTION'] || !/^https?:\/\//.test(url)) return false
  // An argument of its own, never a shell's: the address comes from the server.
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
  return true
}
