import type { Instant, UserId } from '@quarry/domain'
import { types } from 'cassandra-driver'
import { createHash } from 'node:crypto'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'
import { inParallel } from './result-parallel.ts'

type Encoding = 'zstd' | 'identity'

/** A body to keep: encoded as `encoding` says, named by runs stored up to `namedAt`. */
export interface KeptBody {
  readonly customerId: UserId
  readonly sha256: string
  readonly namedAt: Instant
  readonly encoding: Encoding
  /** Absent: the run names a body that it did not bring. */
  readonly bytes?: Uint8Array
}

type Naming = Pick<KeptBody, 'customerId' | 'sha256' | 'namedAt'>

interface PartRow {
  readonly copy: string
  readonly part: number | null
  readonly parts: number
  readonly encoding: Encoding
  readonly bytes: Buffer
}

const PART_BYTES = 256 * 1024
/** Parts of one body under way at once: some 1 MB. */
const PARTS_AT_ONCE = 4
/** Room for a time in ms below the epoch in a timestamp. */
const EPOCH_SHIFT = 42

/**
 * Bodies by customer and hash, written plainly. What prunes begins an epoch of the customer first, and no run is stored
 * in an epoch whose bytes were written in an earlier one: so a deletion, which reaches the bytes of earlier epochs only,
 * never takes what a run stored meanwhile names, however late it comes.
 */
export class ResultBodies {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  /** Repeating it changes nothing, whichever attempt comes last. */
  async write(body: KeptBody, epoch: number): Promise<void> {
    if (body.bytes === undefined) return this.name(body, epoch)
    const parts = partsOf(body, body.bytes, epoch)
    await inParallel(parts, PARTS_AT_ONCE, (part) => this.#engine.write(part.query, ...part.params))
  }

  /** Notes that a run stored at `namedAt` names the body. */
  async name(body: Naming, epoch: number): Promise<void> {
    const { customerId, sha256, namedAt } = body
    await this.#engine.write(
      'UPDATE body USING TIMESTAMP ? SET named_at = ? WHERE customer_id = ? AND sha256 = ?',
      timestampOf(epoch, namedAt),
      namedAt,
      customerId,
      sha256,
    )
  }

  /** A body of which every part is there; a copy that lacks one does not count. */
  async read(customerId: UserId, sha256: string): Promise<{ bytes: Uint8Array; encoding: Encoding } | undefined> {
    const rows = await this.#engine.read<PartRow>(
      'SELECT copy, part, parts, encoding, bytes FROM body WHERE customer_id = ? AND sha256 = ?',
      customerId,
      sha256,
    )
    for (const copy of Map.groupBy(rows, (row) => row.copy).values()) {
      const [first] = copy
      if (first === undefined || first.part === null || copy.length !== first.parts) continue
      const bytes = copy.length === 1 ? first.bytes : Buffer.concat(copy.map((row) => row.bytes))
      return { bytes, encoding: first.encoding }
    }
    return undefined
  }

  /** Forgets a body that no run stored from `before` on names. `epoch` was begun for this. */
  async forget(customerId: UserId, sha256: string, reach: { before: Instant; epoch: number }): Promise<void> {
    const [row] = await this.#engine.read<{ named_at: types.Long | null }>(
      'SELECT named_at FROM body WHERE customer_id = ? AND sha256 = ? LIMIT 1',
      customerId,
      sha256,
    )
    if (row === undefined || (row.named_at?.toNumber() ?? 0) >= reach.before) return
    await this.#engine.write(
      'DELETE FROM body USING TIMESTAMP ? WHERE customer_id = ? AND sha256 = ?',
      timestampOf(reach.epoch, -1),
      customerId,
      sha256,
    )
  }
}

/** Of two writes the later epoch's stays, and in one epoch that of the later time. */
function timestampOf(epoch: number, at: Instant): types.Long {
  return types.Long.fromNumber(epoch).shiftLeft(EPOCH_SHIFT).add(at)
}

/** The name of a copy follows from its bytes: two writers of the same name write the same. */
function partsOf(body: KeptBody, bytes: Uint8Array, epoch: number): Statement[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const copy = createHash('sha256').update(body.encoding).update(whole).digest('base64url')
  const parts = Math.max(1, Math.ceil(whole.length / PART_BYTES))
  return Array.from({ length: parts }, (_, part) => ({
    query: `INSERT INTO body (customer_id, sha256, copy, part, named_at, parts, encoding, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    params: [
      body.customerId,
      body.sha256,
      copy,
      part,
      body.namedAt,
      parts,
      body.encoding,
      whole.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
      timestampOf(epoch, body.namedAt),
    ],
  }))
}
