import { marker } from '@quarry/testkit'

export const testkit = marker
