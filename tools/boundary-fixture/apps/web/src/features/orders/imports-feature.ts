import { balance } from '../coins/balance.ts'

export const foreign = balance
