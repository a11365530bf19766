import { AppProcess, workspaceRoot } from '@quarry/testkit'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As docker-compose.yml has it: the figures are those of a service as it is deployed. Throws when it has none. */
export function deployedNodeOptions(service: string): string {
  const compose = readFileSync(join(workspaceRoot(), 'docker-compose.yml'), 'utf8')
  const own = new RegExp(`^  ${service}:\\n(?:    .*\\n)*?      NODE_OPTIONS: (.+)$`, 'm').exec(compose)
  const options = (own ?? /^ {2}NODE_OPTIONS: (.+)$/m.exec(compose))?.[1]
  if (options === undefined) throw new Error(`docker-compose.yml has no NODE_OPTIONS for ${service}`)
  return options
}

/** A service as a process of its own, known by its log and its metrics. */
export class ServiceProcess {
  readonly process: AppProcess
  readonly url: string

  private constructor(process: AppProcess, url: string) {
    this.process = process
    this.url = url
  }

  /** Resolves when it listens. */
  static async start(app: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const process = new AppProcess(app, [], { env: { NODE_OPTIONS: deployedNodeOptions(app), ...env } })
    const [, url = ''] = await process.line(/"url":"(http:[^"]+)".*"listening"/)
    return new ServiceProcess(process, url)
  }

  /** The metric's value; NaN while there is none. */
  async metric(name: string): Promise<number> {
    const metrics = await (await fetch(new URL('/metrics', this.url))).text()
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
  }
}
