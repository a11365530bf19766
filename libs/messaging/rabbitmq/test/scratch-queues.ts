import { connect } from 'amqplib'
import { randomUUID } from 'node:crypto'

/** A prefix that no other test uses. */
export function scratchPrefix(): string {
  return `test-${randomUUID()}.`
}

const PARTITIONS_AT_MOST = 8

/** Deletes whatever queues were made with the prefix. */
export async function deleteQueues(url: string, prefix: string): Promise<void> {
  const model = await connect(url)
  const channel = await model.createChannel()
  for (const stream of ['results', 'settlements']) {
    for (const kind of ['dead', 'large']) await channel.deleteQueue(`${prefix}${stream}.${kind}`)
    for (let index = 0; index < PARTITIONS_AT_MOST; index += 1) await channel.deleteQueue(`${prefix}${stream}.${index}`)
  }
  await channel.close()
  await model.close()
}
