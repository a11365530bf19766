import type { LiveEvent } from '@quarry/contracts'
import type { LiveEvents } from '@quarry/messaging-port'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PassingTime, TimeKind } from './waiting.ts'
import { eventually, TEST_TIMEOUT_MS, tickOf } from './waiting.ts'

/** One set of topics, reached by any number of services. */
export interface LiveEventsHarness extends PassingTime {
  /** As another service would. */
  connect(): Promise<LiveEvents>
  /** Resolves when every subscription made (or ended) so far is in effect. */
  subscribed(): Promise<void>
  close(): Promise<void>
}

export interface LiveEventsCapabilities {
  readonly time: TimeKind
}

const changed = (orderId: string): LiveEvent => ({ kind: 'order-changed', orderId })

/** What every `LiveEvents` must do; `open` gives fresh topics for each test. */
export function liveEventsSuite(
  name: string,
  open: () => Promise<LiveEventsHarness>,
  capabilities: LiveEventsCapabilities,
): void {
  const stepMs = tickOf(capabilities.time) / 5

  async function start() {
    const harness = await open()
    onTestFinished(() => harness.close())
    const [publisher, subscriber] = [await harness.connect(), await harness.connect()]
    const settled = (heard: readonly unknown[], count: number) =>
      eventually(harness, { what: `${count} events`, stepMs }, () => (heard.length >= count ? true : undefined))
    return { harness, publisher, subscriber, settled }
  }

  describe(`LiveEvents: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    test('an event reaches every subscriber of its topic, on any service, and nobody else', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const [here, there, others]: LiveEvent[][] = [[], [], []]
      publisher.subscribe('bucket:1', (event) => here?.push(event))
      subscriber.subscribe('bucket:1', (event) => there?.push(event))
      subscriber.subscribe('bucket:10', (event) => others?.push(event))
      await harness.subscribed()
      publisher.publish('bucket:1', { kind: 'bucket-changed' })
      publisher.publish('user:1', { kind: 'balance-changed' })
      await settled(here ?? [], 1)
      await settled(there ?? [], 1)
      await harness.pass(stepMs)
      expect([here, there, others]).toEqual([[{ kind: 'bucket-changed' }], [{ kind: 'bucket-changed' }], []])
    })

    test('events of one publisher arrive in order, whole', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const heard: LiveEvent[] = []
      subscriber.subscribe('user:ada', (event) => heard.push(event))
      await harness.subscribed()
      const sent = Array.from({ length: 200 }, (_, rep): LiveEvent => ({ kind: 'run-stored', orderId: 'o-1', rep }))
      for (const event of sent) publisher.publish('user:ada', event)
      await settled(heard, sent.length)
      expect(heard).toEqual(sent)
    })

    test('publishing does not run the listeners in the publisher’s own call', async () => {
      const { harness, publisher, settled } = await start()
      const heard: LiveEvent[] = []
      publisher.subscribe('user:ada', (event) => heard.push(event))
      await harness.subscribed()
      publisher.publish('user:ada', changed('o-1'))
      expect(heard).toEqual([])
      await settled(heard, 1)
    })

    test('who comes later does not hear what was said before', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const heard: LiveEvent[] = []
      publisher.publish('user:ada', changed('before'))
      await harness.pass(stepMs)
      subscriber.subscribe('user:ada', (event) => heard.push(event))
      await harness.subscribed()
      publisher.publish('user:ada', changed('after'))
      await settled(heard, 1)
      expect(heard).toEqual([changed('after')])
    })

    test('who has unsubscribed hears nothing more, while others still do', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const [gone, stayed]: [LiveEvent[], LiveEvent[]] = [[], []]
      const stop = subscriber.subscribe('user:ada', (event) => gone.push(event))
      subscriber.subscribe('user:ada', (event) => stayed.push(event))
      await harness.subscribed()
      stop()
      stop()
      await harness.subscribed()
      publisher.publish('user:ada', changed('o-1'))
      await settled(stayed, 1)
      expect(gone).toEqual([])
    })

    test('one listener subscribed twice is called twice, and once after one of the two has ended', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const heard: LiveEvent[] = []
      const listener = (event: LiveEvent) => void heard.push(event)
      const stop = subscriber.subscribe('user:ada', listener)
      subscriber.subscribe('user:ada', listener)
      await harness.subscribed()
      publisher.publish('user:ada', changed('o-1'))
      await settled(heard, 2)
      stop()
      await harness.subscribed()
      publisher.publish('user:ada', changed('o-2'))
      await settled(heard, 3)
      await harness.pass(stepMs)
      expect(heard).toEqual([changed('o-1'), changed('o-1'), changed('o-2')])
    })

    test('a listener that throws keeps neither the publisher nor other listeners from anything', async () => {
      const { harness, publisher, subscriber, settled } = await start()
      const heard: LiveEvent[] = []
      subscriber.subscribe('user:ada', () => {
        throw new Error('planted by the test')
      })
      subscriber.subscribe('user:ada', (event) => heard.push(event))
      await harness.subscribed()
      publisher.publish('user:ada', changed('o-1'))
      publisher.publish('user:ada', changed('o-2'))
      await settled(heard, 2)
      expect(heard).toEqual([changed('o-1'), changed('o-2')])
    })

    test('publishing to a topic without subscribers does nothing', async () => {
      const { publisher } = await start()
      expect(() => publisher.publish('bucket:7', { kind: 'bucket-changed' })).not.toThrow()
    })
  })
}
