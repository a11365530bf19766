import { answer } from '../http/answer.ts'

export const edge = answer
