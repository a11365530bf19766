setTimeout(() => undefined, 10)

export const waited = true
