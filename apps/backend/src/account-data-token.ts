/** What is held about accounts, each part for itself. */
export const ACCOUNT_DATA = Symbol('AccountData')
