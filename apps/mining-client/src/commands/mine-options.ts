import { dataDir, usage, type CliIo, type Settings } from '@quarry/cli-kit'
import { deviceNameSchema } from '@quarry/contracts'
import { parseAllowList, type AllowList } from '@quarry/domain'
import { hostname } from 'node:os'
import { HostFilter, isHostPattern } from '../application/host-filter.ts'

export interface MineFlags {
  readonly server?: string
  readonly name?: string
  readonly concurrency?: string
  readonly allowAddress?: readonly string[]
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly data?: string
  readonly maxPages?: string
  readonly once?: boolean
  readonly json?: boolean
}

export interface MineOptions {
  readonly server: string
  readonly name: string | undefined
  readonly concurrency: number
  readonly addresses: AllowList
  readonly hosts: HostFilter
  readonly data: string
  readonly maxPages?: number
  readonly json: boolean
}

const DEFAULT_CONCURRENCY = 3
const MAX_CONCURRENCY = 512

/** Flags over environment over file; throws `ExitError` (usage) for what cannot be meant. */
export function mineOptions(flags: MineFlags, settings: Settings, io: CliIo): MineOptions {
  const concurrency = settings.wholeNumber(settings.text(flags.concurrency, 'QUARRY_CONCURRENCY', 'concurrency'), {
    name: '--concurrency',
    min: 1,
    max: MAX_CONCURRENCY,
    fallback: DEFAULT_CONCURRENCY,
  })
  const addresses = parseAllowList(
    settings.list(flags.allowAddress ?? [], 'QUARRY_ALLOW_ADDRESS', 'allowAddress').join(','),
  )
  if (!addresses.ok) throw usage(`--allow-address: ${addresses.error}.`)
  const maxPages = flags.once ? '1' : flags.maxPages
  return {
    server: settings.server(flags.server),
    name: deviceName(settings.text(flags.name, 'QUARRY_NAME', 'name')),
    concurrency,
    addresses: addresses.value,
    hosts: new HostFilter({
      allow: patterns(settings.list(flags.allow ?? [], 'QUARRY_ALLOW', 'allow'), '--allow'),
      deny: patterns(settings.list(flags.deny ?? [], 'QUARRY_DENY', 'deny'), '--deny'),
    }),
    data: dataPath(flags.data, settings, io),
    json: flags.json === true,
    ...(maxPages === undefined ? {} : { maxPages: settings.wholeNumber(maxPages, limit) }),
  }
}

/** The host's name where none is given; none when the host's own cannot be shown. Throws `ExitError` (usage). */
function deviceName(given: string | undefined): string | undefined {
  const name = given ?? hostname()
  if (deviceNameSchema.safeParse(name).success) return name
  if (given !== undefined) throw usage(`--name takes 1 to 64 characters in one line, not ${JSON.stringify(given)}.`)
  return undefined
}

const limit = { name: '--max-pages', min: 1, max: 1_000_000_000, fallback: 1 }

/** Where device id, status and history are kept. */
export function dataPath(flag: string | undefined, settings: Settings, io: CliIo): string {
  return settings.text(flag, 'QUARRY_DATA_DIR', 'data') ?? dataDir(io.env, 'mining-client')
}

function patterns(texts: readonly string[], flag: string): readonly string[] {
  const wrong = texts.find((text) => !isHostPattern(text))
  if (wrong !== undefined) throw usage(`${flag} takes hosts such as example.com or *.example.com, not "${wrong}".`)
  return texts
}
