import { marker } from '@quarry/coin'

export const service = marker
