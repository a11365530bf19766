const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUID_BYTES = 16
/** Stands before an id that is a UUID; of any other id, its length plus one. */
const IS_UUID = 0

/** Writes values one after the other into a buffer that grows; `ByteReader` reads them back in the same order. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(4096)
  #length = 0

  /** What was written since `clear`; valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#length++] = value
  }

  /** A safe integer from 0 on, seven bits a byte. */
  number(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Well-formed text. */
  text(value: string): void {
    const size = Buffer.byteLength(value)
    this.number(size)
    this.#utf8(value, size)
  }

  /** A UUID takes 17 bytes. */
  id(value: string): void {
    if (!UUID.test(value)) {
      const size = Buffer.byteLength(value)
      this.number(size + 1)
      return this.#utf8(value, size)
    }
    this.byte(IS_UUID)
    this.#room(UUID_BYTES)
    this.#length += this.#bytes.write(value.replaceAll('-', ''), this.#length, UUID_BYTES, 'hex')
  }

  #utf8(value: string, size: number): void {
    this.#room(size)
    this.#length += this.#bytes.write(value, this.#length, size, 'utf8')
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + size))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at
  }

  byte(): number {
    return this.#bytes[this.#at++]!
  }

  number(): number {
    let value = 0
    for (let weight = 1; ; weight *= 128) {
      const byte = this.byte()
      value += (byte % 128) * weight
      if (byte < 128) return value
    }
  }

  text(): string {
    return this.#utf8(this.number())
  }

  id(): string {
    const head = this.number()
    if (head !== IS_UUID) return this.#utf8(head - 1)
    const hex = this.#bytes.toString('hex', this.#at, (this.#at += UUID_BYTES))
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }

  #utf8(size: number): string {
    return this.#bytes.toString('utf8', this.#at, (this.#at += size))
  }
}
