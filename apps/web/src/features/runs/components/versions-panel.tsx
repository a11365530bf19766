import { Button, Group, Text } from '@mantine/core'
import type { VersionView } from '@quarry/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LoadMore } from '../../../ui/load-more.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { versionsQuery } from '../api/list-versions.ts'
import { mergeVersions } from '../merge-versions.ts'

const VersionDiff = lazy(async () => ({ default: (await import('./version-diff.tsx')).VersionDiff }))

/** The distinct contents of an order, and the difference between any two of them. */
export function VersionsPanel({ orderId }: { orderId: string }) {
  const { t } = useTranslation()
  const list = useInfiniteQuery(versionsQuery(orderId))
  const versions = mergeVersions(list.data?.pages.map((page) => page.items) ?? [])
  const [chosen, setChosen] = useState<readonly string[]>()
  const [comparing, setComparing] = useState(false)
  const picked = chosen ?? versions.slice(0, 2).map(({ sha256 }) => sha256)
  const pair = versions.filter(({ sha256 }) => picked.includes(sha256))
  const [newer, older] = pair
  if (versions.length === 0) return undefined
  const toggle = (sha256: string) => {
    setComparing(false)
    setChosen(picked.includes(sha256) ? picked.filter((one) => one !== sha256) : [...picked.slice(-1), sha256])
  }
  return (
    <Surface title={t('versions.title')}>
      <Text mb="sm" c="dimmed">
        {versions.length === 1 ? t('versions.onlyOne') : t('versions.lead')}
      </Text>
      <table className={table.table} aria-label={t('versions.title')}>
        <thead>
          <tr>
            {versions.length > 1 && <th scope="col">{t('versions.compare')}</th>}
            <th scope="col">{t('versions.content')}</th>
            <th scope="col">{t('versions.lastSeen')}</th>
            <th scope="col" className={table.wide}>
              {t('versions.firstSeen')}
            </th>
            <th scope="col" className={table.number}>
              {t('versions.runs')}
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              {t('runs.size')}
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <VersionRow
              key={version.sha256}
              version={version}
              picked={versions.length > 1 ? picked.includes(version.sha256) : undefined}
              onToggle={() => toggle(version.sha256)}
            />
          ))}
        </tbody>
      </table>
      <LoadMore {...list} />
      {versions.length > 1 && (
        <Group mt="md">
          <Button disabled={pair.length !== 2} onClick={() => setComparing(true)}>
            {t('versions.showDiff')}
          </Button>
        </Group>
      )}
      <Suspense>
        {comparing && newer !== undefined && older !== undefined && (
          <VersionDiff
            key={`${older.sha256}${newer.sha256}`}
            orderId={orderId}
            older={older}
            newer={newer}
            onClose={() => setComparing(false)}
          />
        )}
      </Suspense>
    </Surface>
  )
}

interface VersionRowProps {
  readonly version: VersionView
  /** Undefined where there is nothing to choose. */
  readonly picked: boolean | undefined
  readonly onToggle: () => void
}

function VersionRow({ version, picked, onToggle }: VersionRowProps) {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const name = version.sha256.slice(0, 8)
  return (
    <tr>
      {picked !== undefined && (
        <td>
          <input type="checkbox" aria-label={t('versions.pick', { name })} checked={picked} onChange={onToggle} />
        </td>
      )}
      <td>
        <code>{name}</code>
      </td>
      <td>
        <RelativeTime at={version.lastAt} />
      </td>
      <td className={table.wide}>
        <RelativeTime at={version.firstAt} />
      </td>
      <td className={table.number}>{version.runs.toLocaleString(i18n.language)}</td>
      <td className={`${table.number} ${table.wide}`}>{format.bytes(version.sizeBytes)}</td>
    </tr>
  )
}
