import type { AppProcess } from '@quarry/testkit'
import { numberOf } from '../scheduling-processes.ts'

/** What a process logged under this message, oldest first. */
export function logged(process: AppProcess, message: string): Record<string, unknown>[] {
  const end = `"msg":${JSON.stringify(message)}}`
  return process.lines.filter((line) => line.endsWith(end)).map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** What the service says of its readiness: HTTP status, and by the name of each thing that it needs `ok` or why not. */
export async function ready(url: string): Promise<{ status: number; checks: Record<string, string> }> {
  const response = await fetch(new URL('/readyz', url))
  return { status: response.status, checks: ((await response.json()) as { checks: Record<string, string> }).checks }
}

/** A metric's value by its name, with its labels as Prometheus writes them; undefined when there is none. */
export async function metric(url: string, name: string): Promise<number | undefined> {
  return numberOf(await (await fetch(new URL('/metrics', url))).text(), name.replace(/[{}]/g, '\\$&'))
}
