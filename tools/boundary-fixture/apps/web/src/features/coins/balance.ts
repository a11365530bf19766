export const balance = 7
