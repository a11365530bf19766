import type { OrderView } from '@quarry/contracts'
import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { keys } from '../../http/keys.ts'
import { showChange } from './change-order.ts'

const orderOf = (id: string) => ({ id, name: id, state: 'active' }) as OrderView

function filled(): QueryClient {
  const cache = new QueryClient()
  cache.setQueryData(keys.order('a'), orderOf('a'))
  const pages = [{ items: [orderOf('a'), orderOf('b')], next: undefined }]
  cache.setQueryData([...keys.orderList, {}], { pages, pageParams: [undefined] })
  return cache
}
const shownBy = (cache: QueryClient) => JSON.stringify(cache.getQueriesData({ queryKey: keys.orders }))

it('shows a change on the page and in the lists at once, of this order alone', async () => {
  const cache = filled()
  await showChange(cache, 'a', { state: 'paused' })
  expect(cache.getQueryData<OrderView>(keys.order('a'))?.state).toBe('paused')
  const [[, list] = []] = cache.getQueriesData<{ pages: { items: OrderView[] }[] }>({ queryKey: keys.orderList })
  expect(list?.pages[0]?.items.map(({ state }) => state)).toEqual(['paused', 'active'])
})

it('takes it back without a trace', async () => {
  const cache = filled()
  const before = shownBy(cache)
  const takeBack = await showChange(cache, 'a', { state: 'paused' })
  expect(shownBy(cache)).not.toBe(before)
  takeBack()
  expect(shownBy(cache)).toBe(before)
})

it('leaves alone what nobody has read', async () => {
  const cache = new QueryClient()
  ;(await showChange(cache, 'a', { state: 'paused' }))()
  expect(cache.getQueryCache().getAll()).toEqual([])
})
