import { marker } from '@quarry/service-kit'

export const kit = marker
