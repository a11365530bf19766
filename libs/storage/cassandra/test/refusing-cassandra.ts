import { createServer, type AddressInfo, type Socket } from 'node:net'

/** Opcodes of CQL's binary protocol v4, as far as a log-in takes them. */
const ERROR = 0x00
const STARTUP = 0x01
const AUTHENTICATE = 0x03
const OPTIONS = 0x05
const SUPPORTED = 0x06
const AUTH_RESPONSE = 0x0f
const BAD_CREDENTIALS = 0x0100
const HEADER_BYTES = 9

/** A server that speaks just enough CQL to ask for a password and to refuse it. */
export async function refusingCassandra(): Promise<{ address: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let waiting = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data])
      while (waiting.length >= HEADER_BYTES && waiting.length >= HEADER_BYTES + waiting.readUInt32BE(5)) {
        const [streamId, opcode] = [waiting.readInt16BE(2), waiting.readUInt8(4)]
        waiting = waiting.subarray(HEADER_BYTES + waiting.readUInt32BE(5))
        socket.write(answerTo(opcode, streamId))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerTo(opcode: number, streamId: number): Buffer {
  if (opcode === OPTIONS) return frame(SUPPORTED, streamId, Buffer.alloc(2))
  if (opcode === STARTUP) return frame(AUTHENTICATE, streamId, text('org.apache.cassandra.auth.PasswordAuthenticator'))
  const code = Buffer.alloc(4)
  code.writeInt32BE(opcode === AUTH_RESPONSE ? BAD_CREDENTIALS : 0x000a)
  return frame(ERROR, streamId, Buffer.concat([code, text('Provided username and/or password are incorrect')]))
}

function frame(opcode: number, streamId: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(0x84, 0)
  header.writeInt16BE(streamId, 2)
  header.writeUInt8(opcode, 4)
  header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

function text(words: string): Buffer {
  const bytes = Buffer.from(words)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
