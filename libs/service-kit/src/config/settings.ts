import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** One environment variable: how it is read, and what it is for. `secret` values may come from `<NAME>_FILE` and are never shown. */
export interface Setting<T> {
  readonly variable: string
  readonly schema: z.ZodType<T>
  readonly about: string
  readonly secret?: boolean
}

type Settings = Readonly<Record<string, Setting<unknown>>>
type Values<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }

/** A service's settings; its `token` is what the values are injected by. */
export interface ConfigDefinition<T> {
  readonly token: symbol
  read(env: Environment): T
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Bad configuration, as a table of what is wrong; the process prints it and exits. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Declares a service's configuration: one entry per variable. */
export function defineConfig<S extends Settings>(service: string, settings: S): ConfigDefinition<Values<S>> {
  return {
    token: Symbol(`${service} config`),
    read(env) {
      const problems: string[] = []
      const values: Record<string, unknown> = {}
      for (const [key, setting] of Object.entries(settings)) {
        const parsed = setting.schema.safeParse(rawValue(setting, env, problems))
        if (parsed.success) values[key] = parsed.data
        else problems.push(describeProblem(setting, env, parsed.error))
      }
      if (problems.length > 0) throw new ConfigError(`${service} cannot start:\n${problems.map((p) => `  ${p}`).join('\n')}`)
      return values as Values<S>
    },
  }
}

function rawValue(setting: Setting<unknown>, env: Environment, problems: string[]): string | undefined {
  const file = env[`${setting.variable}_FILE`]
  if (file === undefined || file === '') return env[setting.variable] === '' ? undefined : env[setting.variable]
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    problems.push(`${setting.variable}_FILE: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'error'})`)
    return undefined
  }
}

function describeProblem(setting: Setting<unknown>, env: Environment, error: z.ZodError): string {
  const value = env[setting.variable]
  const shown = value === undefined ? 'is not set' : setting.secret ? 'has a wrong value' : `is ${JSON.stringify(value)}`
  return `${setting.variable} ${shown}: ${error.issues.map((issue) => issue.message).join('; ')} — ${setting.about}`
}
