import type { Clock } from '@quarry/domain'
import type { CliIo } from './io.ts'

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold'
const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 }

/** Fields of one NDJSON line; `undefined` ones are left out. */
export type EventFields = Readonly<Record<string, unknown>>

/**
 * What a command says. Without `--json`: sentences on standard output, one per line, below them on a terminal a block
 * that is redrawn. With `--json`: one JSON object per event on standard output. Notes go to standard error in both.
 */
export class Output {
  readonly json: boolean
  /** Whether a block may be redrawn: a terminal, and people reading it. */
  readonly live: boolean
  readonly #io: CliIo
  readonly #clock: Clock
  readonly #coloured: boolean
  #block: readonly string[] = []

  constructor(io: CliIo, clock: Clock, options: { json: boolean }) {
    this.#io = io
    this.#clock = clock
    this.json = options.json
    this.live = !options.json && io.stdout.isTty && io.env['TERM'] !== 'dumb'
    this.#coloured = wantsColour(io)
  }

  /** One event: `fields` for programs, `sentence` for people (none: programs only). */
  event(kind: string, fields: EventFields, sentence?: string): void {
    if (this.json) return this.#io.stdout.write(this.eventLine(kind, fields))
    if (sentence !== undefined) this.#aboveBlock(`${sentence}\n`)
  }

  /** The NDJSON line of an event, to be joined with others and written at once by `raw`. */
  eventLine(kind: string, fields: EventFields): string {
    return `${JSON.stringify({ event: kind, at: new Date(this.#clock.now()).toISOString(), ...fields })}\n`
  }

  /** Lines that are ready as they are; each ends with a line break. */
  raw(lines: string): void {
    this.#aboveBlock(lines)
  }

  /** Something for people that is no result: standard error. */
  note(text: string): void {
    if (!this.live) return this.#io.stderr.write(`${text}\n`)
    const block = this.#erase()
    this.#io.stderr.write(`${text}\n`)
    this.#draw(block)
  }

  /** Draws the block anew on a terminal; elsewhere it does nothing. */
  block(lines: readonly string[]): void {
    if (!this.live) return
    const width = Math.max(20, this.#io.columns() - 1)
    const fitting = lines.map((line) => (plainLength(line) > width ? `${stripped(line).slice(0, width - 1)}…` : line))
    this.#io.stdout.write(`${this.#eraser()}${fitting.map((line) => `${line}\n`).join('')}`)
    this.#block = fitting
  }

  /** Leaves the block as it stands; what follows is written below it. */
  keepBlock(): void {
    this.#block = []
  }

  paint(colour: Colour, text: string): string {
    return this.#coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
  }

  #aboveBlock(text: string): void {
    if (this.#block.length === 0) return this.#io.stdout.write(text)
    const block = this.#block
    this.#io.stdout.write(`${this.#eraser()}${text}${block.map((line) => `${line}\n`).join('')}`)
  }

  #eraser(): string {
    return this.#block.length === 0 ? '' : `\u001b[${this.#block.length}A\u001b[0J`
  }

  #erase(): readonly string[] {
    const block = this.#block
    if (block.length > 0) this.#io.stdout.write(this.#eraser())
    this.#block = []
    return block
  }

  #draw(block: readonly string[]): void {
    if (block.length === 0) return
    this.#io.stdout.write(block.map((line) => `${line}\n`).join(''))
    this.#block = block
  }
}

/**
 * Text of a stranger (a URL, a server's message) made safe to print: no control characters, so that it cannot move the
 * cursor, colour the terminal or forge a line.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

function wantsColour(io: CliIo): boolean {
  if (io.env['NO_COLOR']) return false
  if (io.env['CLICOLOR_FORCE'] && io.env['CLICOLOR_FORCE'] !== '0') return true
  return io.stdout.isTty && io.env['TERM'] !== 'dumb'
}

function stripped(text: string): string {
  return text.replaceAll(new RegExp('\u001b\\[\\d+m', 'g'), '')
}

function plainLength(text: string): number {
  return stripped(text).length
}
