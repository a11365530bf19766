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
        const given = givenValue(setting, env)
        if ('problem' in given) {
          problems.push(given.problem)
          continue
        }
        const parsed = setting.schema.safeParse(given.value)
        if (parsed.success) values[key] = parsed.data
        else problems.push(describeProblem(setting, given, parsed.error))
      }
      if (problems.length > 0)
        throw new ConfigError(`${service} cannot start:\n${problems.map((p) => `  ${p}`).join('\n')}`)
      return values as Values<S>
    },
  }
}

/** Reads the configurations of one process; throws one `ConfigError` with the problems of all of them. */
export function readAll(definitions: readonly ConfigDefinition<unknown>[], env: Environment): unknown[] {
  const problems: string[] = []
  const values = definitions.map((definition) => {
    try {
      return definition.read(env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error.message)
      return undefined
    }
  })
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return values
}

interface Given {
  readonly value: string | undefined
  readonly fromFile: boolean
}

/** The variable, or the content of the file that it names; an empty one counts as not set. */
function givenValue({ variable }: Setting<unknown>, env: Environment): Given | { readonly problem: string } {
  const file = env[`${variable}_FILE`]
  if (file === undefined || file === '')
    return { value: env[variable] === '' ? undefined : env[variable], fromFile: false }
  try {
    return { value: readFileSync(file, 'utf8').trim(), fromFile: true }
  } catch (error) {
    return { problem: `${variable}_FILE: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'error'})` }
  }
}

function describeProblem(
  { variable, secret, about }: Setting<unknown>,
  { value, fromFile }: Given,
  error: z.ZodError,
): string {
  const hidden = secret === true || fromFile
  const shown = value === undefined ? 'is not set' : hidden ? 'has a wrong value' : `is ${JSON.stringify(value)}`
  const name = fromFile ? `${variable}_FILE` : variable
  return `${name} ${shown}: ${error.issues.map((issue) => issue.message).join('; ')} — ${about}`
}
