/** The figures of `npm run bench -- engines`, each of which can be had alone. */
export const partNames = ['throughput', 'job-queue', 'ledger', 'orders', 'miners'] as const

export type PartName = (typeof partNames)[number]
