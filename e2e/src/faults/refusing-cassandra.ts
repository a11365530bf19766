import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'

/** Opcodes of CQL's binary protocol v4, as far as a log-in takes them. */
const ERROR = 0x00
const STARTUP = 0x01
const AUTHENTICATE = 0x03
const OPTIONS = 0x05
const SUPPORTED = 0x06
const BAD_CREDENTIALS = 0x0100
const HEADER_BYTES = 9

/** A server that speaks just enough CQL to ask for a password and to refuse it: our development node asks for none. */
export async function refusingCassandra(): Promise<Server & { readonly where: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    // Whoever logs in waits for each answer: one request is one piece of data.
    socket.on('data', (data) => socket.write(answerTo(data.readUInt8(4), data.readInt16BE(2))))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(server, { where: `127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function answerTo(opcode: number, stream: number): Buffer {
  if (opcode === OPTIONS) return frame(SUPPORTED, stream, Buffer.alloc(2))
  if (opcode === STARTUP) return frame(AUTHENTICATE, stream, text('org.apache.cassandra.auth.PasswordAuthenticator'))
  const code = Buffer.alloc(4)
  code.writeInt32BE(BAD_CREDENTIALS)
  return frame(ERROR, stream, Buffer.concat([code, text('Provided username and/or password are incorrect')]))
}

function frame(opcode: number, stream: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(0x84, 0)
  header.writeInt16BE(stream, 2)
  header.writeUInt8(opcode, 4)
  header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

function text(words: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(words))
  return Buffer.concat([length, Buffer.from(words)])
}
