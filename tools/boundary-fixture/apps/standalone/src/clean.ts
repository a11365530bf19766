import { marker } from '@quarry/coin'

export const composed = marker
