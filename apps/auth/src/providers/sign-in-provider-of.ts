import type { SignInProvider } from '../application/sign-in-provider.ts'
import type { SignInProviderSettings } from '../sign-in-providers.config.ts'
import { GithubProvider } from './github-provider.ts'
import { OpenidProvider } from './openid-provider.ts'

/** The provider that the operator configured. */
export function signInProviderOf(settings: SignInProviderSettings): SignInProvider {
  return settings.kind === 'github' ? new GithubProvider(settings) : new OpenidProvider(settings)
}
