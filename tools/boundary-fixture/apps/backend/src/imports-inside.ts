import { answer } from '../../coin/src/http/answer.ts'

export const inside = answer
