import { CodedError } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { linesOf, readCsv } from './read-lines.ts'

test('reads addresses, a line each, and skips what is empty', () => {
  expect(readCsv('\uFEFFhttps://a.example/\r\n\n  https://b.example/ \n')).toEqual([
    { line: 1, url: 'https://a.example/' },
    { line: 3, url: 'https://b.example/' },
  ])
})

test('reads names and tags below a heading, with commas, quotes and line ends inside of quotes', () => {
  const csv =
    'URL,name,tags\nhttps://a.example/,"Prices, ""daily""",a; b;;\nhttps://b.example/,"two\nlines"\nhttps://c.example/,,x'
  expect(readCsv(csv)).toEqual([
    { line: 2, url: 'https://a.example/', name: 'Prices, "daily"', tags: ['a', 'b'] },
    { line: 3, url: 'https://b.example/', name: 'two\nlines' },
    { line: 5, url: 'https://c.example/', tags: ['x'] },
  ])
})

test('ends a quote that is never closed with the text', () => {
  expect(readCsv('https://a.example/,"open\nhttps://b.example/')).toEqual([
    { line: 1, url: 'https://a.example/', name: 'open\nhttps://b.example/' },
  ])
})

test.each([
  [{}],
  [{ lines: [{ url: 'x' }], csv: 'x' }],
  [{ csv: ' \n,\n' }],
  [{ csv: 'url\n' }],
  [{ csv: 'x\n'.repeat(1001) }],
])('refuses %j', (body) => {
  expect(() => linesOf({ lines: undefined, csv: undefined, ...body })).toThrow(CodedError)
})
