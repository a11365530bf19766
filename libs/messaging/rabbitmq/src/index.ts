export { openRabbit } from './open-rabbit.ts'
export type { Rabbit, RabbitOptions } from './open-rabbit.ts'
export type { OnRabbitEvent, RabbitEvent } from './events.ts'
export type { RabbitDeadLetter, RabbitDeadLetters } from './rabbit-dead-letters.ts'
