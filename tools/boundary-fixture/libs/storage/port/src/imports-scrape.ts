import { marker } from '@quarry/scrape'

export const scraped = marker
