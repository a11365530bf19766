import type { Order, Schedule } from './order.ts'

/** An order for tests, at one coin a page. */
export function orderOf(schedule: Schedule, repetitions = 10): Order {
  return {
    id: 'order-1',
    customerId: 'customer-1',
    name: '',
    url: 'https://example.org/',
    host: 'example.org',
    schedule,
    repetitions,
    priceCoins: 1,
    patienceMs: 600_000,
    catchUp: 'latest',
    createdAt: schedule.startAt,
  }
}
