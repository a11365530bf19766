import { describe, expect, it } from 'vitest'
import { encodeBody } from './body-encoding.ts'
import { RecentBodies } from './recent-bodies.ts'

const page = Buffer.from('<p>an ordinary page</p>'.repeat(100))
const MAX_BYTES = 1_000_000

describe('RecentBodies', () => {
  it('encodes as encodeBody does, and an unchanged body to the very same bytes', async () => {
    const recent = new RecentBodies()
    const first = await recent.encode(page)
    expect(first).toEqual(await encodeBody(page))
    expect((await recent.encode(Buffer.from(page))).bytes).toBe(first.bytes)
  })

  it('decodes a body it knows without decoding it again', async () => {
    const recent = new RecentBodies()
    const { bytes, content } = await encodeBody(page)
    const first = await recent.decode(bytes, content, MAX_BYTES)
    const again = await recent.decode(Uint8Array.from(bytes), content, MAX_BYTES)
    expect(first.ok && Buffer.from(first.value).equals(page)).toBe(true)
    expect(again.ok && Buffer.from(again.value).equals(page)).toBe(true)
  })

  it('takes nothing else for a body it knows', async () => {
    const recent = new RecentBodies()
    const { bytes, content } = await encodeBody(page)
    await recent.decode(bytes, content, MAX_BYTES)
    const spoilt = Uint8Array.from(bytes)
    spoilt[spoilt.length - 1]! ^= 1
    expect((await recent.decode(spoilt, content, MAX_BYTES)).ok).toBe(false)
    expect((await recent.decode(bytes, { ...content, sizeBytes: content.sizeBytes + 1 }, MAX_BYTES)).ok).toBe(false)
    expect((await recent.decode(bytes, content, 10)).ok).toBe(false)
    expect((await recent.decode(bytes.subarray(1), { ...content, storedBytes: bytes.length - 1 }, MAX_BYTES)).ok).toBe(
      false,
    )
  })

  it('does not keep a message alive for a slice of it, nor change when the message is reused', async () => {
    const recent = new RecentBodies()
    const { bytes, content } = await encodeBody(page)
    const message = Buffer.concat([Buffer.alloc(100), bytes])
    await recent.decode(message.subarray(100), content, MAX_BYTES)
    message.fill(0)
    const again = await recent.decode(bytes, content, MAX_BYTES)
    expect(again.ok && Buffer.from(again.value).equals(page)).toBe(true)
  })

  it('forgets the oldest when it holds too much', async () => {
    const recent = new RecentBodies()
    const large = (n: number) => Buffer.alloc(3 * 1024 * 1024, `${n}`)
    const first = await recent.encode(large(0))
    for (let n = 1; n < 15; n++) await recent.encode(large(n))
    expect((await recent.encode(large(0))).bytes).not.toBe(first.bytes)
    expect((await recent.encode(large(14))).content.sizeBytes).toBe(3 * 1024 * 1024)
  })
})
