/** The seconds of a day that the hour, minute and second fields of a cron expression name, ascending, as a list never written out. */
export class CronClock {
  readonly length: number
  readonly #hours: readonly number[]
  readonly #minutes: readonly number[]
  readonly #seconds: readonly number[]

  /** Each field as croner reads it: a 1 at the index of every value named. */
  constructor(fields: { hour: readonly number[]; minute: readonly number[]; second: readonly number[] }) {
    this.#hours = namedOf(fields.hour)
    this.#minutes = namedOf(fields.minute)
    this.#seconds = namedOf(fields.second)
    this.length = this.#hours.length * this.#minutes.length * this.#seconds.length
  }

  /** The second of the day at `index`, counted from 0. */
  at(index: number): number {
    const { length } = this.#seconds
    const minute = Math.floor(index / length)
    const hour = Math.floor(minute / this.#minutes.length)
    return (
      this.#hours[hour]! * 3600 + this.#minutes[minute % this.#minutes.length]! * 60 + this.#seconds[index % length]!
    )
  }

  /** How many are lower than `second`, a second of the day or the day's length. */
  countBelow(second: number): number {
    const hour = Math.floor(second / 3600)
    const minute = Math.floor((second % 3600) / 60)
    const hours = lowerThan(this.#hours, hour)
    if (this.#hours[hours] !== hour) return hours * this.#minutes.length * this.#seconds.length
    const minutes = lowerThan(this.#minutes, minute)
    const whole = (hours * this.#minutes.length + minutes) * this.#seconds.length
    return this.#minutes[minutes] === minute ? whole + lowerThan(this.#seconds, second % 60) : whole
  }
}

function namedOf(field: readonly number[]): number[] {
  return field.flatMap((named, value) => (named ? [value] : []))
}

function lowerThan(values: readonly number[], bound: number): number {
  let count = 0
  while (count < values.length && values[count]! < bound) count++
  return count
}
