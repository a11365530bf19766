import { expect, test, vi } from 'vitest'
import { SpreadServers, type Resolve } from './spread-servers.ts'

const template = {
  http: {
    routers: { mining: { rule: 'Path(`/mining`)', service: 'mining' } },
    services: {
      mining: {
        loadBalancer: {
          servers: [{ url: 'http://mining-server:8080' }],
          sticky: { cookie: { name: 'quarry_mining' } },
        },
      },
    },
  },
}
const logger = { warn: vi.fn() }
const serversWith = async (spread: SpreadServers) =>
  (await spread.run()).http.services['mining']!.loadBalancer.servers.map(({ url }) => url)

test('every address becomes a server, in an order of its own, and the rest stays', async () => {
  const resolve: Resolve = (host) =>
    Promise.resolve(host === 'mining-server' ? ['10.0.0.9', '10.0.0.2', 'fd00::2'] : [])
  const spread = new SpreadServers(template, { resolve, logger })
  expect(await serversWith(spread)).toEqual(['http://10.0.0.2:8080', 'http://10.0.0.9:8080', 'http://[fd00::2]:8080'])
  const { http } = await spread.run()
  expect(http['routers']).toEqual(template.http.routers)
  expect(http.services['mining']?.loadBalancer['sticky']).toEqual({ cookie: { name: 'quarry_mining' } })
})

test('a service that was scaled out and in has the servers that it has now, none included', async () => {
  let addresses: string[] = ['10.0.0.1']
  const spread = new SpreadServers(template, { resolve: () => Promise.resolve(addresses), logger })
  expect(await serversWith(spread)).toHaveLength(1)
  addresses = ['10.0.0.1', '10.0.0.2']
  expect(await serversWith(spread)).toHaveLength(2)
  addresses = []
  expect(await serversWith(spread)).toEqual([])
})

test('DNS that does not answer takes no server away', async () => {
  let broken = false
  const resolve: Resolve = () => (broken ? Promise.reject(new Error('EAI_AGAIN')) : Promise.resolve(['10.0.0.1']))
  const spread = new SpreadServers(template, { resolve, logger })
  expect(await serversWith(spread)).toEqual(['http://10.0.0.1:8080'])
  broken = true
  expect(await serversWith(spread)).toEqual(['http://10.0.0.1:8080'])
  expect(logger.warn).toHaveBeenCalledOnce()
})
