/** What webhooks are sent by. */
export const POSTER = Symbol('Poster')
