import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import type { OrderSummary, OrderView } from '@quarry/contracts'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OrderFilter } from '../api/list-orders.ts'
import classes from './order-filters.module.css'

const SEARCH_AFTER_MS = 250
const sorts = ['newest', 'next', 'name', 'last'] as const
const states: readonly OrderView['state'][] = [
  ...(['active', 'paused', 'finished', 'cancelled', 'placing', 'pausing', 'cancelling'] as const),
]

interface OrderFiltersProps {
  readonly filter: OrderFilter
  readonly summary: OrderSummary | undefined
  readonly onChange: (filter: OrderFilter) => void
}

/** Search, state with its counts, tag and order of the list. */
export function OrderFilters({ filter, summary, onChange }: OrderFiltersProps) {
  const { t, i18n } = useTranslation()
  const { q, state, tag, sort, ...rest } = filter
  const change = (part: OrderFilter) => onChange(cleaned({ ...rest, q, state, tag, sort, ...part }))
  const [typed, setTyped] = useState(q ?? '')
  const search = useDebouncedCallback((words: string) => change({ q: words.trim() }), SEARCH_AFTER_MS)
  const shown = states.filter((each) => each === state || (summary?.states[each] ?? 0) > 0)
  const count = (number: number) => number.toLocaleString(i18n.language)
  return (
    <div className={classes.filters} role="search">
      <div className={classes.fields}>
        <TextInput
          type="search"
          aria-label={t('list.search')}
          placeholder={t('list.searchHint')}
          maxLength={200}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            search(event.currentTarget.value)
          }}
        />
        <NativeSelect
          aria-label={t('list.tag')}
          value={tag ?? ''}
          onChange={(event) => change({ tag: event.currentTarget.value })}
          data={[
            { value: '', label: t('list.anyTag') },
            ...tagsShown(summary, tag).map((each) => ({ value: each, label: each })),
          ]}
        />
        <NativeSelect
          aria-label={t('list.sort')}
          value={sort ?? 'newest'}
          onChange={(event) => change({ sort: event.currentTarget.value as (typeof sorts)[number] })}
          data={sorts.map((value) => ({ value, label: t(`list.sorts.${value}`) }))}
        />
      </div>
      <Group gap={4} role="group" aria-label={t('list.states')}>
        <Button
          size="xs"
          variant={state === undefined ? 'light' : 'subtle'}
          aria-pressed={state === undefined}
          onClick={() => change({ state: undefined })}
        >
          {t('list.all')} {summary && count(summary.total)}
        </Button>
        {shown.map((each) => (
          <Button
            key={each}
            size="xs"
            variant={state === each ? 'light' : 'subtle'}
            aria-pressed={state === each}
            onClick={() => change({ state: state === each ? undefined : each })}
          >
            {t(`states.${each}`)} {count(summary?.states[each] ?? 0)}
          </Button>
        ))}
      </Group>
      {summary?.more && (
        <Text size="xs" c="dimmed">
          {t('list.more', { count: summary.total })}
        </Text>
      )}
    </div>
  )
}

function tagsShown(summary: OrderSummary | undefined, chosen: string | undefined): string[] {
  const used = (summary?.tags ?? []).map(({ tag }) => tag)
  return chosen === undefined || used.includes(chosen) ? used : [chosen, ...used]
}

/** What says nothing is left out, so that the list of all orders has one address. */
function cleaned(filter: { [field in keyof OrderFilter]: OrderFilter[field] | undefined }): OrderFilter {
  const said = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '' && value !== 'newest')
  return Object.fromEntries(said)
}
