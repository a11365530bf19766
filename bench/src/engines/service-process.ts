import { AppProcess } from '@quarry/testkit'

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
    const process = new AppProcess(app, [], { env })
    const [, url = ''] = await process.line(/"url":"(http:[^"]+)".*"listening"/)
    return new ServiceProcess(process, url)
  }

  /** The metric's value; NaN while there is none. */
  async metric(name: string): Promise<number> {
    const metrics = await (await fetch(new URL('/metrics', this.url))).text()
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
  }
}
