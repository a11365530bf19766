import { onEngine } from '@quarry/engines-under-test'
import { resultBusSuite, type ResultBusHarness } from '@quarry/messaging-conformance'
import { setTimeout as sleep } from 'node:timers/promises'
import { deleteQueues, scratchPrefix } from '../test/scratch-queues.ts'
import { TcpProxy } from '../test/tcp-proxy.ts'
import { openRabbit, type Rabbit } from './open-rabbit.ts'

async function open(url: string): Promise<ResultBusHarness> {
  const prefix = scratchPrefix()
  const opened: { readonly rabbit: Rabbit; readonly proxy: TcpProxy }[] = []
  return {
    connect: async () => {
      const proxy = await TcpProxy.to(url)
      const rabbit = await openRabbit(proxy.url, { prefix })
      opened.push({ rabbit, proxy })
      return { bus: rabbit.bus, vanish: async () => proxy.refuse() }
    },
    pass: (ms) => sleep(ms),
    deadLetters: async (stream) => opened[0]?.rabbit.deadLetters.count(stream) ?? 0,
    close: async () => {
      await Promise.all(opened.map(({ rabbit }) => rabbit.close()))
      await Promise.all(opened.map(({ proxy }) => proxy.close()))
      await deleteQueues(url, prefix)
    },
  }
}

onEngine('rabbitmq', (url) => {
  resultBusSuite('rabbitmq', () => open(url), { time: 'real', confirmedBy: 'broker', clientsVanish: true })
})
