import type { Dictionary } from '../i18n/en.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    nsSeparator: false
    resources: { translation: Dictionary }
  }
}
