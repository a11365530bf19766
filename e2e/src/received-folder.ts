import type { RunResult } from '@quarry/domain'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of a result-client's manifest. */
export type ReceivedLine = RunResult & {
  readonly cursor: string
  readonly file?: string
  readonly metadataFile: string
}

/** The lines that are whole: the last one may be under way. */
export function readManifest(folder: string): ReceivedLine[] {
  const file = join(folder, 'manifest.jsonl')
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ReceivedLine)
}

/**
 * Everything wrong with a folder whose result-client has ended, in words: results twice, bodies or metadata that are
 * not what the log says, files without a line, temporary files.
 */
export function folderProblems(folder: string): string[] {
  const lines = readManifest(folder)
  const problems: string[] = []
  const jobs = lines.map(({ jobId }) => jobId)
  for (const twice of jobs.filter((jobId, index) => jobs.indexOf(jobId) !== index))
    problems.push(`${twice} has two lines`)
  const expected = new Set(['manifest.jsonl', '.result-client.json'])
  for (const line of lines) {
    expected.add(line.metadataFile)
    if (line.file !== undefined) expected.add(line.file)
    problems.push(...lineProblems(folder, line))
  }
  for (const path of filesOf(folder)) if (!expected.has(path)) problems.push(`${path} has no line`)
  return problems
}

function lineProblems(folder: string, line: ReceivedLine): string[] {
  const { jobId, outcome, file } = line
  const problems: string[] = []
  const metadata = JSON.parse(readFileSync(join(folder, line.metadataFile), 'utf8')) as ReceivedLine
  if (JSON.stringify(metadata) !== JSON.stringify(line)) problems.push(`${jobId}: ${line.metadataFile} is not its line`)
  if (outcome.kind === 'failure') return file === undefined ? problems : [...problems, `${jobId}: a failure has a file`]
  if (file === undefined) return [...problems, `${jobId}: no file`]
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex')
  return sha256 === outcome.content.sha256 ? problems : [...problems, `${jobId}: ${file} is not what was fetched`]
}

/** All files, relative, temporary ones included. */
export function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
