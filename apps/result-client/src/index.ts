export { resultClient } from './program.ts'
