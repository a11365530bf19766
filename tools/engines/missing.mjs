/** What an engine needs and this machine does not have. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** This machine lacks something that an engine needs; the message says what, and how to get it. */
export class EngineMissing extends Error {
  name = 'EngineMissing'
}

/** The path of a program on the PATH, or undefined. */
export function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, program))
    .find(isProgram)
}

/** Whether the path is a file that may be executed. */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
