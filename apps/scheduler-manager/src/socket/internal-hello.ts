import { CodedError, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@quarry/contracts'
import { invalidInput, RefusedConnection, sameSecret, toCodedError } from '@quarry/service-kit'
import type { Socket } from 'socket.io'
import type { z } from 'zod'

/** A socket.io middleware that lets in whoever greets as `schema` says, with the internal secret and a known protocol. */
export function internalHello(schema: z.ZodType<{ protocol: number; secret: string }>, secret: string) {
  return (socket: Socket, next: (refusal?: Error) => void): void => {
    try {
      check(schema, socket.handshake.auth, secret)
    } catch (error) {
      next(new RefusedConnection(toCodedError(error)))
      return
    }
    next()
  }
}

function check(schema: z.ZodType<{ protocol: number; secret: string }>, auth: unknown, secret: string): void {
  const hello = schema.safeParse(auth)
  if (!hello.success) throw invalidInput(hello.error.issues, 'The greeting')
  if (!sameSecret(hello.data.secret, secret)) throw new CodedError('forbidden', 'Wrong internal secret.')
  const { protocol } = hello.data
  if (protocol < OLDEST_PROTOCOL_VERSION || protocol > PROTOCOL_VERSION)
    throw new CodedError('protocol_unsupported', `Protocol ${protocol} is not spoken here; ${PROTOCOL_VERSION} is.`)
}
