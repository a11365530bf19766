import { ExitError } from '@quarry/cli-kit'
import * as fs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { failure, page } from '../../test/results-peer.ts'
import type { Disk } from './disk.ts'
import { ResultFolder } from './result-folder.ts'

let path: string
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'result-folder-')), 'out')
})

const open = (disk: Partial<Disk> = {}) =>
  ResultFolder.open({ path, server: 'http://x', selection: '', disk: { ...fs, ...disk } })
const result = (rep: number) => ({ cursor: `c${rep}`, run: page('a', rep, Buffer.from('body')).run, damaged: false })
const body = (rep: number) => Buffer.from(`body ${rep}`)
const errno = (code: string) => Object.assign(new Error(code), { code })

describe('a full disk', () => {
  it('while writing leaves nothing half-written and says so', async () => {
    let left = 3
    const folder = await open({
      writeSync: ((fd: number, bytes: Uint8Array, at: number) => {
        if (left-- > 0) return fs.writeSync(fd, bytes, at)
        throw errno('ENOSPC')
      }) as typeof fs.writeSync,
    })
    const first = folder.stage(result(0), body(0), 1)
    expect(() => folder.stage(result(1), body(1), 1)).toThrow(
      expect.objectContaining({ exitCode: 8, code: 'disk_full' }),
    )
    left = 100
    await folder.commit([first])
    folder.close()
    expect(readdirSync(join(path, '.incoming'))).toEqual([])
    expect(readdirSync(join(path, 'a'))).toHaveLength(2)
    expect((await open()).after).toBe('c0')
  })

  it('while logging leaves the log as it was, and the next start gets the result again', async () => {
    let full = false
    const folder = await open({
      writeSync: ((fd: number, bytes: Uint8Array, at: number) => {
        if (!full || bytes.byteLength < 50) return fs.writeSync(fd, bytes, at)
        fs.writeSync(fd, bytes.subarray(at, at + 20))
        throw errno('ENOSPC')
      }) as typeof fs.writeSync,
    })
    await folder.commit([folder.stage(result(0), body(0), 1)])
    const before = readFileSync(join(path, 'manifest.jsonl'), 'utf8')
    const second = folder.stage(result(1), body(1), 1)
    full = true
    await expect(folder.commit([second])).rejects.toMatchObject({ exitCode: 8 })
    expect(readFileSync(join(path, 'manifest.jsonl'), 'utf8')).toBe(before)
    folder.close()
    const again = await open()
    expect(again.after).toBe('c0')
    expect(again.has('a:1')).toBe(false)
    await again.commit([again.stage(result(1), body(1), 2)])
    expect(again.after).toBe('c1')
  })
})

describe('a commit', () => {
  it('syncs files before it names them, folders after, and logs last', async () => {
    const steps: string[] = []
    const names = new Map<number, string>()
    const folder = await open({
      openSync: ((file: string, ...rest: [number, number]) => {
        const fd = fs.openSync(file, ...rest)
        names.set(fd, file)
        return fd
      }) as typeof fs.openSync,
      fsync: ((fd: number, done: (error: Error | null) => void) => {
        steps.push(`sync ${names.get(fd)?.slice(path.length + 1)}`)
        fs.fsync(fd, done)
      }) as typeof fs.fsync,
      renameSync: (from, to) => {
        steps.push(`name ${String(to).slice(path.length + 1)}`)
        fs.renameSync(from, to)
      },
    })
    await folder.commit([folder.stage({ cursor: 'c', run: failure('a', 2).run, damaged: false }, undefined, 1)])
    expect(steps).toEqual([
      'sync .incoming/0',
      'name a/000000002-failed.meta.json',
      'sync a',
      'sync ',
      'sync manifest.jsonl',
    ])
  })

  it('that cannot sync its files logs nothing', async () => {
    const folder = await open({
      fsync: ((_: number, done: (error: Error | null) => void) => done(errno('EIO'))) as typeof fs.fsync,
    })
    await expect(folder.commit([folder.stage(result(0), body(0), 1)])).rejects.toBeInstanceOf(ExitError)
    folder.close()
    expect((await open()).after).toBeUndefined()
  })

  it('of many files names and logs all of them', async () => {
    const folder = await open()
    await folder.commit(Array.from({ length: 40 }, (_, rep) => folder.stage(result(rep), body(rep), 1)))
    folder.close()
    expect(readdirSync(join(path, 'a'))).toHaveLength(80)
    const again = await open()
    expect([again.after, again.has('a:0'), again.has('a:39')]).toEqual(['c39', true, true])
  })
})
