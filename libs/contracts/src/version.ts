/**
 * The version of every socket and queue message. A peer that speaks an older one than `OLDEST_PROTOCOL_VERSION` is told to
 * upgrade; a queue message of an unknown version becomes a dead letter.
 */
export const PROTOCOL_VERSION = 1
export const OLDEST_PROTOCOL_VERSION = 1
