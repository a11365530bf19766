import { expect, test } from 'vitest'
import { planFaults } from './fault-plan.ts'

const targets = { services: ['coin-1', 'scheduler-1', 'scheduler-2'], clients: ['miner-0', 'receiver-0'] }

test('a seed replays its faults, another has others', () => {
  expect(planFaults(7, 300_000, targets)).toEqual(planFaults(7, 300_000, targets))
  expect(planFaults(8, 300_000, targets)).not.toEqual(planFaults(7, 300_000, targets))
})

test('five minutes break every engine, services and clients, in order of time, engines one after another', () => {
  const faults = planFaults(1, 300_000, targets)
  expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
  for (const target of ['cassandra', 'redis', 'rabbitmq', 'traefik', 'coin-1', 'miner-0'])
    expect(faults.map((fault) => fault.target)).toContain(target)
  const engines = faults.filter(({ target }) => ['cassandra', 'redis', 'rabbitmq', 'traefik'].includes(target))
  for (const [nth, fault] of engines.entries())
    expect(fault.atMs - (engines[nth - 1]?.atMs ?? -25_000)).toBeGreaterThanOrEqual(25_000)
})
