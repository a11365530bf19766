import { onEngine } from '@quarry/engines-under-test'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BreakingProxy } from '../test/breaking-proxy.ts'
import { addressOf, cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraEngine } from './cassandra-engine.ts'

const INSERT = 'INSERT INTO leader_lease (name, holder, address, epoch, beat) VALUES (?, ?, ?, ?, ?)'
const insertOf = (name: string) => ({ query: `${INSERT} IF NOT EXISTS`, params: [name, 'a', '', 1, 1] })

onEngine('cassandra', (address) => {
  const { keyspace, engine: direct } = cassandraKeyspace(address, [])
  const node = address.split(',')[0]!
  let proxy: BreakingProxy
  let engine: CassandraEngine
  beforeEach(async () => {
    proxy = await BreakingProxy.open(node)
    engine = await CassandraEngine.connect({ ...addressOf(proxy.address), keyspace })
  })
  afterEach(async () => {
    await engine.close()
    await proxy.stop()
  })
  const isThere = async (name: string) =>
    (await direct().readSerial('SELECT name FROM leader_lease WHERE name = ?', name)).length === 1

  describe('on a line that breaks after the request', () => {
    it('does not know what became of a conditional write', async () => {
      await engine.decide(insertOf('warm'))
      const cut = proxy.loseNextAnswer()
      await expect(engine.decide(insertOf('perhaps'))).rejects.toThrow(UnknownOutcome)
      await cut
      expect(await isThere('perhaps')).toBe(true)
    })

    it('repeats a plain write on no other node, and does not know', async () => {
      await engine.write(INSERT, 'warm-plain', 'a', '', 1, 1)
      const cut = proxy.loseNextAnswer()
      await expect(engine.write(INSERT, 'plain', 'a', '', 1, 1)).rejects.toThrow(UnknownOutcome)
      await cut
      expect(await isThere('plain')).toBe(true)
    })

    it('says of a read that Cassandra was unavailable, and names the node', async () => {
      await engine.check()
      const cut = proxy.loseNextAnswer()
      const failed = await engine.check().catch((error: unknown) => error)
      await cut
      expect(failed).toBeInstanceOf(Unavailable)
      expect((failed as Error).message).toContain(proxy.address)
    })
  })

  it('sends a conditional write once, though the line would carry it again', async () => {
    await engine.decide(insertOf('warm'))
    proxy.failNextAnswer()
    // Sent again it would be answered: it would find its own row and call that a refusal.
    await expect(engine.decide(insertOf('once'))).rejects.toThrow(UnknownOutcome)
    expect(await isThere('once')).toBe(true)
  })

  it('sends a plain write again where it may not have been done', async () => {
    await engine.write(INSERT, 'warm-plain', 'a', '', 1, 1)
    proxy.failNextAnswer()
    await engine.write(INSERT, 'again', 'a', '', 1, 1)
    expect(await isThere('again')).toBe(true)
  })

  it('is unavailable while nobody listens and comes back by itself', async () => {
    await engine.check()
    const { address: there } = proxy
    await proxy.stop()
    await vi.waitFor(() => expect(engine.decide(insertOf('down'))).rejects.toThrow(Unavailable))
    await expect(engine.check()).rejects.toThrow(there)
    await proxy.restart(Number(there.split(':')[1]))
    await vi.waitFor(() => engine.check(), { timeout: 20_000, interval: 100 })
    expect(await isThere('down')).toBe(false)
    expect(await engine.decide(insertOf('down'))).toMatchObject({ applied: true })
  })

  it('refuses at once what exceeds its requests under way, and answers the others', async () => {
    await engine.check()
    proxy.pause()
    const checks = Array.from({ length: 5_000 }, () =>
      engine.check().then(
        () => 'answered',
        (error: unknown) => (error instanceof Unavailable ? 'refused' : String(error)),
      ),
    )
    expect(await Promise.race(checks)).toBe('refused')
    proxy.resume()
    const ends = Map.groupBy(await Promise.all(checks), (end) => end)
    expect([...ends.keys()].sort()).toEqual(['answered', 'refused'])
    expect(ends.get('refused')!.length).toBe(5_000 - 4_096)
  })

  it('leaves a statement that Cassandra does not understand as the bug it is', async () => {
    const failed = await engine.read('SELECT nothing FROM nowhere').catch((error: unknown) => error)
    expect(failed).not.toBeInstanceOf(Unavailable)
    expect((failed as Error).message).toMatch(/nowhere/)
  })

  it('says where nobody answers, and never the password', async () => {
    const [port] = [proxy.address]
    await proxy.stop()
    const credentials = { username: 'quarry', password: 'hunter2' }
    const failed = await CassandraEngine.connect({ ...addressOf(port), credentials }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Unavailable)
    expect((failed as Error).message).toContain(port)
    expect((failed as Error).message).not.toContain('hunter2')
    await proxy.restart(0)
  })
})
