import { marker } from '@quarry/contracts'

export const outward = marker
