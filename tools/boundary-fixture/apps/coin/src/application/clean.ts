import { createHash } from 'node:crypto'
import { marker } from '@quarry/storage-port'

export const hashed = createHash('sha256').update(String(marker)).digest('hex')
export const epoch = new Date(0)
