import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { type Section, startWords } from './page-words.ts'

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]
/** Names of the languages, each in its own. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

const STORAGE_KEY = 'quarry-language'

/** Every section is a file of its own, so that nobody loads another language's words, or another page's. */
const files = import.meta.glob<Readonly<Record<string, object>>>('../i18n/{en,de}/*.ts')

/** What the pages opened so far have asked for. */
const wanted = new Set<Section>(startWords)
const loading = new Map<string, Promise<void>>()
let current = firstLanguage()

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

async function fetchSection(language: Language, section: Section): Promise<void> {
  const load = files[`../i18n/${language}/${section}.ts`]
  if (load === undefined) throw new Error(`the words of ${section} are missing in ${language}`)
  for (const [name, words] of Object.entries(await load())) {
    // The words of all codes stand beside the sections.
    const bundle = section === 'codes' ? words : { [name]: words }
    i18next.addResourceBundle(language, 'translation', bundle, true, true)
  }
}

function load(language: Language, sections: Iterable<Section>): Promise<unknown> {
  const each = [...sections].map((section) => {
    const key = `${language}/${section}`
    const known = loading.get(key)
    if (known !== undefined) return known
    const fetched = fetchSection(language, section)
    loading.set(key, fetched)
    // Lost connections end: the next page that needs these words asks again.
    fetched.catch(() => loading.delete(key))
    return fetched
  })
  return Promise.all(each)
}

/** Sets i18next up with the words of the start alone. Resolves when they can be shown. */
export async function startI18n(): Promise<void> {
  // Scopes such as `orders:read` are keys; a colon means nothing else.
  const interpolation = { escapeValue: false }
  await i18next.use(initReactI18next).init({ lng: current, resources: {}, nsSeparator: false, interpolation })
  await load(current, startWords)
  document.documentElement.lang = current
}

/** Resolves when a page can show these sections, in the language in use and in every one chosen later. */
export async function loadWords(sections: readonly Section[]): Promise<void> {
  for (const section of sections) wanted.add(section)
  const language = current
  await load(language, sections)
  // Somebody may have switched meanwhile.
  if (language !== current) await load(current, sections)
}

export async function setLanguage(language: Language): Promise<void> {
  current = language
  await load(language, wanted)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  try {
    localStorage.setItem(STORAGE_KEY, language)
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
}
