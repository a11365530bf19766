import type { OrderId } from '@quarry/domain'
import { ByteRecords, offsetOf } from './byte-records.ts'
import { CountedTexts } from './counted-texts.ts'
import { PACKED_ID_AT, packOrder, unpackOrder, type PackedOrder } from './pack-order.ts'
import { ByteReader, ByteWriter } from './packed-bytes.ts'

const NONE = 0xff_ff_ff_ff
const LEAST_SLOTS = 1024
/** What is kept of a slot: its record, its group, and its neighbours in that. */
const RECORD = 0
const GROUP = 1
const BEFORE = 2
const AFTER = 3
const FIELDS = 4

/**
 * Orders packed as bytes, each in a slot, in groups that are gone through as linked lists. 16 bytes a slot and the record
 * of `packOrder`.
 */
export class PackedOrders<Group> {
  readonly #records = new ByteRecords()
  /** Customers and hosts of the orders. */
  readonly #texts = new CountedTexts()
  readonly #writer = new ByteWriter()
  readonly #key = new ByteWriter()
  #slots = new Uint32Array(LEAST_SLOTS * FIELDS)
  #slotsUsed = 0
  readonly #freeSlots: number[] = []
  /** Groups by the number under which slots know them. */
  readonly #groups: (Group | undefined)[] = []
  readonly #freeGroups: number[] = []
  readonly #byGroup = new Map<Group, { readonly number: number; first: number }>()

  add(group: Group, order: PackedOrder): number {
    this.#writer.clear()
    packOrder(order, this.#writer, (text) => this.#texts.use(text))
    const slot = this.#freeSlots.pop() ?? this.#newSlot()
    this.#set(slot, RECORD, this.#records.add(this.#writer.written))
    const list = this.#listOf(group)
    this.#set(slot, GROUP, list.number)
    this.#set(slot, BEFORE, NONE)
    this.#set(slot, AFTER, list.first)
    if (list.first !== NONE) this.#set(list.first, BEFORE, slot)
    list.first = slot
    return slot
  }

  groupOf(slot: number): Group {
    return this.#groups[this.#get(slot, GROUP)]!
  }

  read(slot: number): PackedOrder {
    return unpackOrder(this.#reader(slot), (text) => this.#texts.textOf(text))
  }

  /** Reads an order for the last time: its slot is free again. */
  take(slot: number): PackedOrder {
    const reader = this.#reader(slot)
    const from = reader.at
    const order = unpackOrder(reader, (text) => this.#texts.release(text))
    this.#unlink(slot)
    this.#records.free(this.#get(slot, RECORD), reader.at - from)
    this.#freeSlots.push(slot)
    return order
  }

  slotsOf(group: Group): number[] {
    const slots: number[] = []
    let slot = this.#byGroup.get(group)?.first ?? NONE
    for (; slot !== NONE; slot = this.#get(slot, AFTER)) slots.push(slot)
    return slots
  }

  /** Goes through the group: a few microseconds for some hundred orders. */
  find(group: Group, orderId: OrderId): number | undefined {
    this.#key.clear()
    this.#key.id(orderId)
    const key = this.#key.written
    let slot = this.#byGroup.get(group)?.first ?? NONE
    for (; slot !== NONE; slot = this.#get(slot, AFTER)) {
      const ref = this.#get(slot, RECORD)
      const at = offsetOf(ref) + PACKED_ID_AT
      if (this.#records.chunkOf(ref).compare(key, 0, key.length, at, at + key.length) === 0) return slot
    }
    return undefined
  }

  #reader(slot: number): ByteReader {
    const ref = this.#get(slot, RECORD)
    return new ByteReader(this.#records.chunkOf(ref), offsetOf(ref))
  }

  #unlink(slot: number): void {
    const group = this.groupOf(slot)
    const [before, after] = [this.#get(slot, BEFORE), this.#get(slot, AFTER)]
    if (after !== NONE) this.#set(after, BEFORE, before)
    if (before !== NONE) return this.#set(before, AFTER, after)
    const list = this.#listOf(group)
    list.first = after
    if (after !== NONE) return
    this.#byGroup.delete(group)
    this.#groups[list.number] = undefined
    this.#freeGroups.push(list.number)
  }

  #listOf(group: Group) {
    const known = this.#byGroup.get(group)
    if (known) return known
    const list = { number: this.#freeGroups.pop() ?? this.#groups.length, first: NONE }
    this.#groups[list.number] = group
    this.#byGroup.set(group, list)
    return list
  }

  #newSlot(): number {
    const slot = this.#slotsUsed++
    if ((slot + 1) * FIELDS > this.#slots.length) {
      const larger = new Uint32Array(Math.ceil((slot + 1) * 1.25) * FIELDS)
      larger.set(this.#slots)
      this.#slots = larger
    }
    return slot
  }

  #get(slot: number, field: number): number {
    return this.#slots[slot * FIELDS + field]!
  }

  #set(slot: number, field: number, value: number): void {
    this.#slots[slot * FIELDS + field] = value
  }
}
