import { AppProcess } from './process.ts'

/** Settings that make a marketplace quick to test: loopback may be scraped, politeness off, short intervals, cheap passwords. */
export const testEnv: Record<string, string> = {
  QUARRY_ENV: 'test',
  QUARRY_AUTH_INSECURE_BCRYPT_COST: '4',
  QUARRY_ALLOW_ADDRESSES: '127.0.0.1/32',
  QUARRY_HOST_GAPS: 'default=0',
  QUARRY_MIN_INTERVAL_MS: '1',
  QUARRY_FAUCET: 'true',
  QUARRY_FAUCET_COINS: '1000000',
}

/** The whole marketplace as one process, as `npm start` runs it, without built-in clients. */
export class StandaloneProcess {
  readonly url: string
  readonly process: AppProcess

  private constructor(process: AppProcess, url: string) {
    this.process = process
    this.url = url
  }

  static async start(
    dataDir: string,
    options: { port?: number; env?: Record<string, string>; args?: string[] } = {},
  ): Promise<StandaloneProcess> {
    const args = ['--data', dataDir, '--port', String(options.port ?? 0), '--no-miner', '--no-result-client']
    const process = new AppProcess('standalone', [...args, ...(options.args ?? [])], {
      env: { ...testEnv, ...options.env },
    })
    const [, url] = await process.line(/Quarry runs at (http:\S+)/)
    return new StandaloneProcess(process, url!)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }
}
