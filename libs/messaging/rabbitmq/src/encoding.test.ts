import { MAX_BODY_BYTES, PROTOCOL_VERSION } from '@quarry/contracts'
import { resultFixture, settlementFixture } from '@quarry/messaging-conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resultCodec, settlementCodec } from './encoding.ts'

/** A frame by the table in the head of encoding.ts, written independently of it. */
function frameOf(envelope: unknown, body?: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(envelope))
  const head = Buffer.from([1, body ? 1 : 0, 0, 0, 0, 0])
  head.writeUInt32BE(json.length, 2)
  return Buffer.concat([head, json, body ?? Buffer.alloc(0)])
}

describe('the encoding of a message', () => {
  test('follows its table byte by byte, so that other versions read it', () => {
    const { v, run, body } = resultFixture(1, 300)
    expect(resultCodec.encode({ v, run, body: body! })).toEqual(frameOf({ v, run }, Buffer.from(body!)))
    expect(resultCodec.encode({ v, run })).toEqual(frameOf({ v, run }))
    expect(settlementCodec.encode(settlementFixture(1))).toEqual(frameOf(settlementFixture(1)))
  })

  test('brings back what was written: any body, an empty one, none', () => {
    fc.assert(
      fc.property(fc.option(fc.uint8Array({ maxLength: 5_000 }), { nil: undefined }), fc.nat(1_000), (body, rep) => {
        const { v, run } = resultFixture(rep)
        const read = resultCodec.decode(resultCodec.encode(body ? { v, run, body } : { v, run }))
        expect(read.ok && read.value.run).toEqual(run)
        expect(read.ok && read.value.body && Uint8Array.from(read.value.body)).toEqual(body)
      }),
    )
    expect(settlementCodec.decode(settlementCodec.encode(settlementFixture(3)))).toEqual({
      ok: true,
      value: settlementFixture(3),
    })
  })

  test('never throws on whatever comes', () => {
    const whole = resultCodec.encode(resultFixture(1))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), (noise, at) => {
        expect(resultCodec.decode(Buffer.from(noise)).ok).toBe(false)
        const damaged = Buffer.from(whole)
        damaged.set(noise.subarray(0, whole.length - at), at)
        resultCodec.decode(damaged)
        settlementCodec.decode(damaged)
      }),
    )
  })

  test.each([
    ['an unknown version', frameOf({ ...settlementFixture(1), v: PROTOCOL_VERSION + 1 }), 'its version 2 is unknown'],
    ['no version', frameOf({ transfer: {} }), 'its version undefined is unknown'],
    ['an unknown layout', Buffer.from([2, 0, 0, 0, 0, 2, 0x7b, 0x7d]), 'its layout 2 is unknown'],
    ['too few bytes', Buffer.from([1, 0]), 'it is shorter than the head of a message'],
    ['a cut', frameOf(settlementFixture(1)).subarray(0, 100), 'it is cut off within its envelope'],
    ['no JSON', Buffer.from([1, 0, 0, 0, 0, 1, 0x7b]), 'its envelope is not JSON'],
    [
      'a field that is not valid',
      frameOf({ ...settlementFixture(1), transfer: { ...settlementFixture(1).transfer, amountCoins: 0 } }),
      expect.stringMatching(/^its envelope is not valid: transfer\.amountCoins: /),
    ],
  ])('says of %s what is wrong', (_, content, problem: unknown) => {
    expect(settlementCodec.decode(content)).toEqual({ ok: false, error: problem })
  })

  test('refuses a body beyond the contract’s limit, and takes the largest', () => {
    const { v, run } = resultFixture(1)
    const largest = MAX_BODY_BYTES + 1024
    expect(resultCodec.encode({ v, run, body: new Uint8Array(largest) }).length).toBeGreaterThan(largest)
    expect(() => resultCodec.encode({ v, run, body: new Uint8Array(largest + 1) })).toThrow(RangeError)
  })

  test('keeps a customer’s results together, and an escrow account’s settlements, either way they go', () => {
    expect(resultCodec.partitionKeyOf(resultFixture(1))).toBe('customer-1')
    const { transfer, ...rest } = settlementFixture(1)
    const back = { ...transfer, debit: transfer.credit, credit: transfer.debit }
    expect(settlementCodec.partitionKeyOf({ ...rest, transfer })).toBe('escrow:1')
    expect(settlementCodec.partitionKeyOf({ ...rest, transfer: back })).toBe('escrow:1')
  })
})
