import { describe, expect, it } from 'vitest'
import { shortcutReader } from './shortcuts.ts'

const at = (key: string, more: object = {}) => ({ key, at: 0, modified: false, taken: false, ...more })

describe('the shortcut reader', () => {
  it('reads two letters as one way to go, in time only', () => {
    const read = shortcutReader()
    expect(read(at('g'))).toBeUndefined()
    expect(read(at('m', { at: 1000 }))).toEqual({ kind: 'go', letter: 'm' })
    expect(read(at('m', { at: 1001 }))).toBeUndefined()
    read(at('g', { at: 2000 }))
    expect(read(at('m', { at: 4000 }))).toBeUndefined()
  })

  it('reads n after g as a place, and alone as a new order', () => {
    const read = shortcutReader()
    expect(read(at('n'))).toEqual({ kind: 'new-order' })
    read(at('g'))
    expect(read(at('n'))).toEqual({ kind: 'go', letter: 'n' })
    expect(read(at('/'))).toEqual({ kind: 'search' })
    expect(read(at('?'))).toEqual({ kind: 'sheet' })
  })

  it('leaves keys alone that somebody types or that have a modifier, and forgets what was begun', () => {
    const read = shortcutReader()
    expect(read(at('n', { taken: true }))).toBeUndefined()
    expect(read(at('n', { modified: true }))).toBeUndefined()
    read(at('g'))
    read(at('x', { taken: true }))
    expect(read(at('o'))).toBeUndefined()
  })
})
