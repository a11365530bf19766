/** What robots.txt files call us. */
export const PRODUCT_TOKEN = 'QuarryBot'

export const DEFAULT_CONTACT_URL = 'https://quarry.example/bot'

/** Our `User-Agent`: who we are, and where a site's owner learns what we do and how to reach us. */
export function userAgentOf(contactUrl: string = DEFAULT_CONTACT_URL): string {
  return `${PRODUCT_TOKEN}/0.1 (+${contactUrl})`
}
