import type { Channel, ConsumeMessage } from 'amqplib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deliveries } from './deliveries.ts'

function delivery(deliveryTag: number): ConsumeMessage {
  const fields = { deliveryTag, redelivered: false, exchange: '', routingKey: 'queue', consumerTag: 'consumer' }
  return { fields, content: Buffer.alloc(0), properties: {} as ConsumeMessage['properties'] }
}

/** The broker's side of a channel: which tags it holds for answered. */
function brokerSide() {
  const open = new Set<number>()
  const [acked, rejected]: number[][] = [[], []]
  let frames = 0
  const channel = {
    ack: ({ fields }: ConsumeMessage, allUpTo: boolean) => {
      frames += 1
      for (const tag of [...open])
        if (tag === fields.deliveryTag || (allUpTo && tag < fields.deliveryTag)) {
          open.delete(tag)
          acked?.push(tag)
        }
    },
    reject: ({ fields }: ConsumeMessage) => {
      open.delete(fields.deliveryTag)
      rejected?.push(fields.deliveryTag)
    },
  }
  return { open, acked, rejected, channel: channel as unknown as Channel, frames: () => frames }
}

describe('Deliveries', () => {
  test('whatever the order in which batches end, exactly what was handled is acknowledged', () => {
    const step = fc.record({ arrive: fc.nat(5), take: fc.nat(5), skip: fc.nat(9), reject: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const broker = brokerSide()
        const deliveries = new Deliveries(broker.channel)
        const [handled, refused]: [number[], number[]] = [[], []]
        let pending: ConsumeMessage[] = []
        let tag = 0
        for (const { arrive, take, skip, reject } of steps) {
          for (let count = 0; count < arrive; count += 1) {
            tag += 1
            broker.open.add(tag)
            pending.push(delivery(tag))
            deliveries.add(pending.at(-1)!)
          }
          const batch = pending.slice(skip, skip + take)
          pending = pending.filter((one) => !batch.includes(one))
          if (reject) for (const one of batch) deliveries.reject(one, 'again')
          else deliveries.acknowledge(batch)
          ;(reject ? refused : handled).push(...batch.map(({ fields }) => fields.deliveryTag))
          expect(deliveries.size).toBe(pending.length)
          expect([...broker.open]).toEqual(pending.map(({ fields }) => fields.deliveryTag))
        }
        expect(broker.acked).toEqual(expect.arrayContaining(handled))
        expect(broker.acked).toHaveLength(handled.length)
        expect(broker.rejected).toEqual(refused)
      }),
    )
  })

  test('a batch that nothing open precedes takes one frame', () => {
    const broker = brokerSide()
    const deliveries = new Deliveries(broker.channel)
    const all = [1, 2, 3, 4, 5, 6].map(delivery)
    for (const one of all) {
      broker.open.add(one.fields.deliveryTag)
      deliveries.add(one)
    }
    deliveries.acknowledge(all.slice(0, 3))
    expect(broker.frames()).toBe(1)
    expect(broker.acked).toEqual([1, 2, 3])
  })

  test('answers to a channel that has ended are nobody’s trouble', () => {
    const ended = (): never => {
      throw new Error('Channel closed')
    }
    const deliveries = new Deliveries({ ack: ended, reject: ended } as unknown as Channel)
    deliveries.add(delivery(1))
    deliveries.add(delivery(2))
    deliveries.acknowledge([delivery(1)])
    deliveries.reject(delivery(2), 'bury')
    expect(deliveries.size).toBe(0)
  })
})
