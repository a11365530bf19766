import { assert, asyncProperty, oneof, string, uint8Array } from 'fast-check'
import { createHash, randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody } from './body-encoding.ts'

const MIB = 1024 * 1024
const page = Buffer.from('<li class="item">A stone of the quarry</li>\n'.repeat(1000))

describe('encodeBody', () => {
  it('hashes the body itself and compresses it', async () => {
    const { content, bytes } = await encodeBody(page)
    expect(content).toEqual({
      sha256: createHash('sha256').update(page).digest('hex'),
      sizeBytes: page.length,
      encoding: 'zstd',
      storedBytes: bytes.byteLength,
    })
    expect(bytes.byteLength).toBeLessThan(page.length / 10)
  })

  it.each([Buffer.alloc(0), Buffer.from('tiny'), randomBytes(5000), randomBytes(MIB)])(
    'leaves what would not shrink as it is',
    async (body) => {
      const { content, bytes } = await encodeBody(body)
      expect(content).toMatchObject({ encoding: 'identity', sizeBytes: body.length, storedBytes: body.length })
      expect(bytes).toBe(body)
    },
  )

  it('is undone by decodeBody, whatever the body', async () => {
    const bodies = oneof(
      uint8Array({ maxLength: 3000 }),
      string({ maxLength: 3000 }).map((text) => Buffer.from(text.repeat(20))),
    )
    await assert(
      asyncProperty(bodies, async (body) => {
        const { content, bytes } = await encodeBody(body)
        const decoded = await decodeBody(bytes, content, 10 * MIB)
        expect(decoded.ok && Buffer.compare(decoded.value, body)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('does large bodies too', async () => {
    const body = Buffer.concat(Array.from({ length: 40 }, (_, index) => Buffer.from(`${index}${page.toString()}`)))
    const { content, bytes } = await encodeBody(body)
    const decoded = await decodeBody(bytes, content, 10 * MIB)
    expect(decoded.ok && Buffer.compare(decoded.value, body)).toBe(0)
  })
})

describe('decodeBody', () => {
  async function refusalOf(
    change: { bytes?: Uint8Array; content?: object; maxBytes?: number },
    body: Uint8Array = page,
  ) {
    const encoded = await encodeBody(body)
    const decoded = await decodeBody(
      change.bytes ?? encoded.bytes,
      { ...encoded.content, ...(change.bytes ? { storedBytes: change.bytes.byteLength } : {}), ...change.content },
      change.maxBytes ?? 10 * MIB,
    )
    return decoded.ok ? undefined : decoded.error
  }

  it('trusts no size, no hash and no bytes', async () => {
    expect(await refusalOf({})).toBeUndefined()
    expect(await refusalOf({ maxBytes: page.length - 1 })).toBe('too_large')
    expect(await refusalOf({ content: { storedBytes: 5 } })).toBe('wrong_size')
    expect(await refusalOf({ content: { sizeBytes: page.length - 1 } })).toBe('wrong_size')
    expect(await refusalOf({ content: { sizeBytes: page.length + 1 } })).toBe('wrong_size')
    expect(await refusalOf({ content: { sha256: 'f'.repeat(64) } })).toBe('wrong_hash')
    expect(await refusalOf({ bytes: Buffer.from('not zstd') })).toBe('bad_encoding')
    expect(await refusalOf({ bytes: (await encodeBody(page)).bytes.subarray(0, 50) })).toBe('bad_encoding')
    expect(await refusalOf({ content: { sizeBytes: 4, storedBytes: 4 } }, Buffer.from('tiny!'))).toBe('wrong_size')
    expect(await refusalOf({ content: { sizeBytes: 0 } })).toBe('wrong_size')
  })

  it('stops a bomb at the announced size', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(100 * MIB))
    const before = process.memoryUsage.rss()
    expect(await refusalOf({ bytes: bomb, content: { sizeBytes: 1000 } })).toBe('wrong_size')
    expect(await refusalOf({ bytes: bomb, content: { sizeBytes: MIB } })).toBe('wrong_size')
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * MIB)
  })
})
