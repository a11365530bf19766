import type { Shard } from '@quarry/domain'
import { FakeClock } from '@quarry/testkit'
import { beforeEach, expect, test } from 'vitest'
import { LeadSchedulers } from './lead-schedulers.ts'

const RULES = { settleMs: 50, rejoinMs: 1000, gatherMs: 4000 }

let clock: FakeClock
let shards: Map<string, Shard[]>
let changes: string[]
let leader: LeadSchedulers

beforeEach(() => {
  clock = new FakeClock()
  leader = newLeader()
})

function newLeader(): LeadSchedulers {
  const heard = (shards = new Map<string, Shard[]>())
  const told: string[] = (changes = [])
  return new LeadSchedulers(
    {
      clock,
      events: {
        shard: (memberId, shard) => void heard.set(memberId, [...(heard.get(memberId) ?? []), shard]),
        changed: (change, { memberId }) => void told.push(`${memberId} ${change}`),
      },
    },
    RULES,
  )
}

const member = (memberId: string) => ({ memberId })
const lastShard = (memberId: string) => shards.get(memberId)?.at(-1)
const arrive = (...ids: string[]) => {
  for (const id of ids) leader.arrived(member(id), undefined)
}

test('those who come together get one hand-out together', async () => {
  leader.lead(1)
  arrive('b', 'a', 'c')
  await clock.advance(50)
  expect([...shards.values()].map((all) => all.length)).toEqual([1, 1, 1])
  expect(lastShard('b')).toMatchObject({ index: 1, count: 3 })
  expect(changes).toEqual(['b joined', 'a joined', 'c joined'])
})

test('a connection that breaks and comes back within a second moves nothing', async () => {
  leader.lead(1)
  arrive('a', 'b')
  await clock.advance(50)
  const before = lastShard('a')
  leader.lost('b')
  await clock.advance(900)
  arrive('b')
  await clock.advance(10_000)
  expect(lastShard('a')).toEqual(before)
  expect(shards.get('b')).toEqual([lastShard('b'), lastShard('b')])
  expect(changes).toEqual(['a joined', 'b joined'])
})

test('one that does not come back is left out after a second, one that leaves on purpose at once', async () => {
  leader.lead(1)
  arrive('a', 'b', 'c')
  await clock.advance(50)
  leader.lost('b')
  await clock.advance(1_050)
  expect(lastShard('c')).toMatchObject({ index: 1, count: 2 })
  leader.left('c')
  await clock.advance(50)
  expect(lastShard('a')).toMatchObject({ index: 0, count: 1 })
  expect(changes.slice(3)).toEqual(['b left', 'c left'])
})

test('a new primary counts on those it learnt of: nobody gets another index while they come', async () => {
  leader.learn(['a', 'b', 'c'].map(member))
  leader.lead(2)
  arrive('c')
  await clock.advance(50)
  expect(lastShard('c')).toMatchObject({ index: 2, count: 3 })
  await clock.advance(1_000)
  arrive('a', 'b')
  await clock.advance(10_000)
  expect(lastShard('a')).toMatchObject({ index: 0, count: 3, epoch: lastShard('c')!.epoch })
  expect(shards.get('c')).toHaveLength(1)
  expect(changes).toEqual([])
})

test('of those it learnt of it drops who does not come within four seconds', async () => {
  leader.learn(['a', 'b'].map(member))
  leader.lead(2)
  arrive('b')
  await clock.advance(3_999)
  expect(lastShard('b')).toMatchObject({ index: 1, count: 2 })
  await clock.advance(100)
  expect(lastShard('b')).toMatchObject({ index: 0, count: 1 })
  expect(changes).toEqual(['a left'])
})

test('one that learnt of nobody waits for as many as there were, so that they keep their buckets', async () => {
  leader.lead(2)
  const old = (index: number) => ({ index, count: 3, epoch: 7 })
  leader.arrived(member('a'), old(0))
  await clock.advance(1_000)
  leader.arrived(member('b'), old(1))
  await clock.advance(1_000)
  expect(shards.size).toBe(0)
  leader.arrived(member('c'), old(2))
  await clock.advance(50)
  expect(lastShard('a')).toMatchObject({ index: 0, count: 3 })
})

test('but not for ever', async () => {
  leader.lead(2)
  leader.arrived(member('a'), { index: 0, count: 3, epoch: 7 })
  await clock.advance(3_900)
  expect(shards.size).toBe(0)
  await clock.advance(200)
  expect(lastShard('a')).toMatchObject({ index: 0, count: 1 })
})

test('epochs go on above one that somebody acts on already', async () => {
  leader.lead(1)
  arrive('a')
  await clock.advance(50)
  const known = lastShard('a')!.epoch + 2 ** 40
  leader.raiseTo(known)
  await clock.advance(50)
  expect(lastShard('a')!.epoch).toBeGreaterThan(known)
})

test('whoever stepped down tells nobody anything, and leads again above all it said before', async () => {
  leader.lead(1)
  arrive('a', 'b')
  await clock.advance(50)
  const before = lastShard('a')!.epoch
  leader.left('b')
  leader.stepDown()
  leader.lost('a')
  await clock.advance(20_000)
  expect(lastShard('a')!.epoch).toBe(before)
  leader.lead(3)
  arrive('a')
  await clock.advance(50)
  expect(lastShard('a')).toMatchObject({ index: 0, count: 1 })
  expect(lastShard('a')!.epoch).toBeGreaterThan(before)
})
