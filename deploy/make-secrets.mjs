/**
 * Makes the secrets that docker-compose.yml reads, each once, in deploy/secrets, readable by their owner and by the
 * containers' group only. Secrets that are there already are left as they are.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), 'secrets')
const file = (name) => join(folder, name)
const random = () => randomBytes(32).toString('hex')

/** Containers run as users of their own, so the files must be readable to others; the folder is what keeps people out. */
function makeOnce(name, text) {
  if (existsSync(file(name))) return
  writeFileSync(file(name), text, { mode: 0o644 })
  process.stdout.write(`made deploy/secrets/${name}\n`)
}

mkdirSync(folder, { recursive: true, mode: 0o700 })
for (const name of ['internal', 'auth_pepper', 'auth_sealing_key']) makeOnce(name, random())
makeOnce('redis.conf', `requirepass ${random()}\n`)
makeOnce('rabbitmq.conf', `default_pass = ${random()}\n`)
const passwordIn = (name) =>
  readFileSync(file(name), 'utf8')
    .trim()
    .split(/[\s=]+/)
    .at(-1)
makeOnce('redis_url', `redis://:${passwordIn('redis.conf')}@redis:6379`)
makeOnce('rabbitmq_url', `amqp://quarry:${passwordIn('rabbitmq.conf')}@rabbitmq:5672`)
