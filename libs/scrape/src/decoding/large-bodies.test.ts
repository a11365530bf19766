import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { LargeBodies } from './large-bodies.ts'

describe('LargeBodies', () => {
  it('hands out its turns in order, and each again when it comes back', async () => {
    const turns = new LargeBodies(2)
    const granted: number[] = []
    const back = [0, 1, 2, 3, 4].map((index) => turns.request(() => granted.push(index)))
    expect(granted).toEqual([0, 1])
    back[3]!()
    back[1]!()
    back[1]!()
    expect(granted).toEqual([0, 1])
    await setImmediate()
    expect(granted).toEqual([0, 1, 2])
    back[0]!()
    await setImmediate()
    expect(granted).toEqual([0, 1, 2, 4])
  })

  it('passes a turn on that comes back before it was taken up', async () => {
    const turns = new LargeBodies(1)
    const granted: string[] = []
    const first = turns.request(() => granted.push('first'))
    const second = turns.request(() => granted.push('second'))
    turns.request(() => granted.push('third'))
    first()
    second()
    await setImmediate()
    await setImmediate()
    expect(granted).toEqual(['first', 'third'])
  })
})
