import { marker } from '@quarry/coin'

export const coin = marker
