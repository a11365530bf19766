import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Dictionary } from '../i18n/en.ts'

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]
/** Names of the languages, each in its own. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

const STORAGE_KEY = 'quarry-language'

const dictionaries: Readonly<Record<Language, () => Promise<Dictionary>>> = {
  en: async () => (await import('../i18n/en.ts')).en,
  de: async () => (await import('../i18n/de.ts')).de,
}

function asLanguage(text: string | undefined): Language | undefined {
  return languages.find((language) => language === text)
}

function storedLanguage(): Language | undefined {
  try {
    return asLanguage(localStorage.getItem(STORAGE_KEY) ?? undefined)
  } catch {
    return undefined
  }
}

/** The language of the choice stored before, else the first of the browser's that we speak. */
function firstLanguage(): Language {
  const preferred = navigator.languages.map((tag) => asLanguage(tag.slice(0, 2).toLowerCase()))
  return storedLanguage() ?? preferred.find((language) => language !== undefined) ?? 'en'
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return
  i18next.addResourceBundle(language, 'translation', await dictionaries[language]())
}

/** Sets i18next up with the one dictionary that is needed. Resolves when words can be shown. */
export async function startI18n(): Promise<void> {
  const lng = firstLanguage()
  // Scopes such as `orders:read` are keys; a colon means nothing else.
  const interpolation = { escapeValue: false }
  await i18next.use(initReactI18next).init({ lng, resources: {}, nsSeparator: false, interpolation })
  await load(lng)
  document.documentElement.lang = lng
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  try {
    localStorage.setItem(STORAGE_KEY, language)
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
}
