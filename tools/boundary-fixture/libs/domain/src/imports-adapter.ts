import { marker } from '@quarry/storage-sqlite'

export const adapter = marker
