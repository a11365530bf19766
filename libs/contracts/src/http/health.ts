/** `GET /healthz`: the process lives. `GET /readyz`: everything it needs answers. */
export interface HealthView {
  readonly status: 'ok' | 'unready'
  readonly service: string
  /** `ok`, or why not. */
  readonly checks: Readonly<Record<string, string>>
}
