/** `GET /healthz`: the process lives. `GET /readyz`: everything it needs answers. */
export interface HealthView {
  readonly status: 'ok' | 'unready'
  readonly service: string
  readonly checks: Readonly<Record<string, 'ok' | string>>
}
