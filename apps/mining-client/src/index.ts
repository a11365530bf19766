export { miningClient } from './program.ts'
