import { marker } from '@quarry/storage-port'

export const storage = marker
