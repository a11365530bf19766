/** Where a record is: its chunk in the upper 16 bits, its first unit within that in the lower ones. */
export type RecordRef = number

const UNIT_BYTES = 8
const CHUNK_UNITS = 65_536
const CHUNK_BYTES = UNIT_BYTES * CHUNK_UNITS
/** Up to here a record takes as many units as it needs, above as many as the next power of two. */
const EXACT_UNITS = 64
const NONE = 0xff_ff_ff_ff

/** Cells of one size. */
interface CellSize {
  readonly units: number
  /** The first cell that was freed; its first bytes tell the next. */
  free: RecordRef
  /** The chunk that cells are cut from, and the next one there. */
  chunk: number
  nextUnit: number
}

/**
 * Short byte records outside the JavaScript heap: the collector neither visits nor moves them. They lie in cells of 8 bytes
 * more or less than they need, cut from chunks of 512 KiB; a freed cell serves the next record of its size. Chunks are kept,
 * so that it stays as large as it was at its fullest.
 */
export class ByteRecords {
  readonly #chunks: Buffer[] = []
  readonly #sizes = new Map<number, CellSize>()

  /** Keeps a copy. Throws `RangeError` for a record of more than 512 KiB. */
  add(bytes: Uint8Array): RecordRef {
    const size = this.#sizeFor(bytes.length)
    const ref = this.#takeFree(size) ?? this.#cut(size)
    this.chunkOf(ref).set(bytes, offsetOf(ref))
    return ref
  }

  /** `byteLength` is that of the record's bytes, or any that needs a cell of the same size. */
  free(ref: RecordRef, byteLength: number): void {
    const size = this.#sizeFor(byteLength)
    this.chunkOf(ref).writeUInt32LE(size.free, offsetOf(ref))
    size.free = ref
  }

  /** The bytes of which the record begins at `offsetOf(ref)`. */
  chunkOf(ref: RecordRef): Buffer {
    return this.#chunks[ref >>> 16]!
  }

  #sizeFor(byteLength: number): CellSize {
    const exact = Math.max(1, Math.ceil(byteLength / UNIT_BYTES))
    const units = exact <= EXACT_UNITS ? exact : 2 ** Math.ceil(Math.log2(exact))
    if (units > CHUNK_UNITS) throw new RangeError(`a record of ${byteLength} bytes`)
    let size = this.#sizes.get(units)
    if (!size) this.#sizes.set(units, (size = { units, free: NONE, chunk: -1, nextUnit: CHUNK_UNITS }))
    return size
  }

  #takeFree(size: CellSize): RecordRef | undefined {
    const ref = size.free
    if (ref === NONE) return undefined
    size.free = this.chunkOf(ref).readUInt32LE(offsetOf(ref))
    return ref
  }

  #cut(size: CellSize): RecordRef {
    if (size.nextUnit + size.units > CHUNK_UNITS) {
      size.chunk = this.#chunks.push(Buffer.alloc(CHUNK_BYTES)) - 1
      size.nextUnit = 0
    }
    const ref = size.chunk * CHUNK_UNITS + size.nextUnit
    size.nextUnit += size.units
    return ref
  }
}

/** Where a record begins in its chunk. */
export function offsetOf(ref: RecordRef): number {
  return (ref & 0xff_ff) * UNIT_BYTES
}
