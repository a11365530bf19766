import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HandOutShards } from './hand-out-shards.ts'

test('every hand-out gives each member a shard of its own, and epochs never fall, whoever leads', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('leave' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('lead' as const), again: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const shards = new HandOutShards()
      const members = new Set<string>()
      let leader = 1
      let last = 0
      shards.lead(leader)
      for (const one of events) {
        if (one.kind === 'lead') shards.lead(one.again ? leader : ++leader)
        if (one.kind === 'join')
          expect(shards.join(one.id)).toBe(!members.has(one.id) && members.add(one.id).has(one.id))
        if (one.kind === 'leave') expect(shards.leave(one.id)).toBe(members.delete(one.id))
        const handOut = shards.handOut()
        expect([...handOut.keys()].sort()).toEqual([...members].sort())
        expect([...handOut.values()].map(({ index }) => index).sort()).toEqual([...members].map((_, index) => index))
        for (const { epoch, count } of handOut.values()) {
          expect(count).toBe(members.size)
          expect(epoch).toBeGreaterThan(last)
        }
        last = Math.max(last, ...[...handOut.values()].map(({ epoch }) => epoch))
      }
    }),
  )
})

test('the same members get the same shards from every manager', () => {
  const [one, other] = [new HandOutShards(), new HandOutShards()]
  for (const id of ['b', 'a', 'c']) one.join(id)
  for (const id of ['c', 'b', 'a']) other.join(id)
  const indexes = (shards: HandOutShards) => [...shards.handOut()].map(([id, { index }]) => [id, index])
  expect(indexes(one)).toEqual(indexes(other))
})
