/** Waiting for things that answer by HTTP, and finding ports for them. */
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 100

/** Resolves when the URL answers as it should; rejects with its last answer after `patienceMs`. */
export async function untilReady(name, url, patienceMs, isGood = (answer) => answer.ok) {
  const until = performance.now() + patienceMs
  let last = 'it never answered'
  while (performance.now() < until) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) })
      const text = await answer.text()
      if (isGood(answer)) return
      last = `HTTP ${answer.status}: ${text.slice(0, 300)}`
    } catch (error) {
      last = error.cause?.code ?? error.message
    }
    await sleep(LOOK_MS)
  }
  throw new Error(`${name} is not ready after ${Math.round(patienceMs / 1000)} s (${last}).`)
}

/** This many free ports of loopback, all different: they are held together before any is let go. */
export async function takePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** `wanted` if it is free, else the next free one. */
export async function portFrom(wanted) {
  for (let port = wanted; port < wanted + 100; port++) {
    try {
      const server = await listen(port)
      await new Promise((resolve) => server.close(resolve))
      return port
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`No port from ${wanted} to ${wanted + 99} is free.`)
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
