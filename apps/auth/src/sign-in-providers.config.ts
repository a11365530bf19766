import { readFileSync } from 'node:fs'
import { z } from 'zod'

const shared = {
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  clientId: z.string().min(1).max(300),
  clientSecretFile: z.string().min(1),
}
const httpUrl = z.url({ protocol: /^https?$/ })

const providerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('oidc').default('oidc'),
    name: z.string().min(1).max(60),
    issuer: httpUrl,
    /** What in `amr` or `acr` proves a second factor; nothing of this provider does when left out. */
    secondFactorAmr: z.array(z.string()).default([]),
    secondFactorAcr: z.array(z.string()).default([]),
  }),
  z.strictObject({
    ...shared,
    kind: z.literal('github'),
    name: z.string().min(1).max(60).default('GitHub'),
    /** Of a GitHub of one's own. */
    baseUrl: httpUrl.default('https://github.com'),
    apiUrl: httpUrl.default('https://api.github.com'),
  }),
])

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Reads the list of `QUARRY_SIGN_IN_PROVIDERS`, each with its secret from its file. */
export const signInProvidersSchema = z
  .string()
  .default('[]')
  .transform((text, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return refuse('must be a JSON list')
    }
    const withKind = Array.isArray(json) ? json.map((each: object) => ({ kind: 'oidc', ...each })) : json
    const list = z.array(providerSchema).max(10).safeParse(withKind)
    if (!list.success)
      return refuse(list.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
    if (new Set(list.data.map(({ id }) => id)).size < list.data.length) return refuse('two providers have the same id')
    for (const provider of list.data)
      for (const url of provider.kind === 'github' ? [provider.baseUrl, provider.apiUrl] : [provider.issuer])
        if (!isSafe(url)) return refuse(`${provider.id}: only a provider on this machine may do without https`)
    try {
      return list.data.map((provider) => ({
        ...provider,
        clientSecret: readFileSync(provider.clientSecretFile, 'utf8').trim(),
      }))
    } catch (error) {
      return refuse(`cannot read a clientSecretFile (${(error as NodeJS.ErrnoException).code ?? 'error'})`)
    }
  })

/** A provider as the operator configured it. */
export type SignInProviderSettings = z.output<typeof signInProvidersSchema>[number]

function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || LOOPBACK.test(hostname)
}
