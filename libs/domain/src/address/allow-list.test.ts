import { describe, expect, it } from 'vitest'
import { isListed, listsNetworks, parseAllowList } from './allow-list.ts'
import type { AllowList } from './allow-list.ts'

function listOf(text: string): AllowList {
  const list = parseAllowList(text)
  if (!list.ok) throw new Error(list.error)
  return list.value
}

describe('parseAllowList', () => {
  it('reads addresses and ranges of both families, with spaces and empty entries', () => {
    const list = listOf(' 127.0.0.1 , 10.1.0.0/16,, fd00::/8,::1')
    expect(['127.0.0.1', '10.1.255.3', 'fd12::1', '::1'].every((ip) => isListed(ip, list))).toBe(true)
    expect(
      ['127.0.0.2', '10.2.0.1', 'fc00::1', '::2', '::ffff:10.1.0.1', 'localhost'].some((ip) => isListed(ip, list)),
    ).toBe(false)
  })

  it('admits nothing for an empty text', () => {
    expect(isListed('127.0.0.1', listOf(''))).toBe(false)
    expect(isListed('127.0.0.1', listOf(' , '))).toBe(false)
  })

  it('admits everything for a range of length 0', () => {
    expect(isListed('10.0.0.1', listOf('0.0.0.0/0'))).toBe(true)
    expect(isListed('::1', listOf('0.0.0.0/0'))).toBe(false)
  })

  it.each([
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '0x7f.1',
    '10.0.0.0/-1',
    '10.0.0.0/255.0.0.0',
  ])('refuses %s and names it', (entry) => {
    const list = parseAllowList(`127.0.0.1,${entry}`)
    expect(list).toEqual({ ok: false, error: expect.stringContaining(`"${entry}"`) as string })
  })
})

describe('listsNetworks', () => {
  it.each([
    ['', false],
    ['127.0.0.1,::1', false],
    ['127.0.0.0/8', false],
    ['127.0.0.0/7', true],
    ['10.0.0.5', true],
    ['fd00::/8', true],
    ['::/0', true],
  ])('%s: %s', (text, answer) => expect(listsNetworks(listOf(text))).toBe(answer))
})
