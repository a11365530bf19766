import { Button, Checkbox, FileInput, Progress, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { BulkOrderInput, BulkView, LiveEvent, MAX_BULK_CSV_LENGTH } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { FormProvider, useForm, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { keyOfBody } from '../../../http/idempotency.ts'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { checkImport, placeImport } from '../api/import-orders.ts'
import { dropDraft, keepDraft, newDraft, readDraft } from '../draft.ts'
import { emptyOrderForm, type OrderFormValues, previewOfForm } from '../order-form.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import { ImportLines } from './import-lines.tsx'
import classes from './order-form.module.css'
import { ScheduleFields } from './schedule-fields.tsx'
import { useFormResolver } from './use-form-resolver.ts'

const maxCsvLength: typeof MAX_BULK_CSV_LENGTH = 1_000_000
const DRAFT = 'import'

/** Many pages on one schedule: the list is checked line by line before anything is placed. */
export function ImportForm({ onPlaced }: { onPlaced: () => void }) {
  const { t } = useTranslation()
  const [{ values: begun, key }] = useState(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    // The name of the one order stands for the list.
    const empty = { ...emptyOrderForm(timeZone), list: '' }
    return readDraft(DRAFT, empty) ?? newDraft(empty)
  })
  const form = useForm<OrderFormValues>({ defaultValues: begun, resolver: useFormResolver(), mode: 'onTouched' })
  const values = useWatch({ control: form.control }) as OrderFormValues
  const [list, setList] = useState(begun.list)
  const [placeValid, setPlaceValid] = useState(false)
  useEffect(() => {
    if (list !== '') keepDraft(DRAFT, { values: { ...values, list }, key })
  }, [key, list, values])
  const body = useMemo(() => importOf(values, list), [values, list])
  const [checked, setChecked] = useState<{ body: BulkOrderInput; view: BulkView }>()
  const check = useMutation({
    mutationFn: async (asked: BulkOrderInput) => ({ body: asked, view: await checkImport(asked) }),
    onSuccess: setChecked,
  })
  const place = usePlaceImport(key, () => {
    dropDraft(DRAFT)
    onPlaced()
  })
  const fresh = checked !== undefined && body !== undefined && JSON.stringify(checked.body) === JSON.stringify(body)
  return (
    <FormProvider {...form}>
      <form
        noValidate
        className={classes.form}
        aria-label={t('bulk.title')}
        onSubmit={(event) => {
          event.preventDefault()
          if (body) check.mutate(body)
          else void form.trigger()
        }}
      >
        <Stack gap="md" className={classes.fields}>
          <Surface title={t('form.what')}>
            <ListFields list={list} onList={setList} />
          </Surface>
          <ScheduleFields />
          <AdvancedFields />
        </Stack>
        <div className={classes.side}>
          <Surface title={t('form.summary')}>
            <Stack gap="md">
              <Button
                type="submit"
                variant={fresh ? 'default' : 'filled'}
                loading={check.isPending}
                disabled={list.trim() === '' || list.length > maxCsvLength}
              >
                {t('bulk.check')}
              </Button>
              <ErrorNote error={check.error} />
              {checked && <Verdict view={checked.view} />}
              {checked && !fresh && <Text c="dimmed">{t('bulk.stale')}</Text>}
              {fresh && checked.view.invalid > 0 && (
                <Checkbox
                  label={t('bulk.placeValid')}
                  checked={placeValid}
                  onChange={(event) => setPlaceValid(event.currentTarget.checked)}
                />
              )}
              {fresh && checked.view.valid > 0 && (
                <Button
                  disabled={checked.view.invalid > 0 && !placeValid}
                  loading={place.isPending}
                  onClick={() => place.mutate({ ...checked.body, placeValid, maxCostCoins: checked.view.costCoins })}
                >
                  {t('bulk.place', { count: checked.view.valid })}
                </Button>
              )}
              <ErrorNote error={place.error} />
              {place.isPending && <ImportProgress importId={keyOfBody(key, place.variables)} />}
            </Stack>
          </Surface>
        </div>
      </form>
      {checked && <ImportLines lines={checked.view.lines} />}
    </FormProvider>
  )
}

function importOf(values: OrderFormValues, csv: string): BulkOrderInput | undefined {
  const terms = previewOfForm({ ...values, url: '' })
  if (terms === undefined) return undefined
  const { url: _, name: __, ...rest } = terms
  return { ...rest, csv }
}

function usePlaceImport(key: string, onPlaced: () => void) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: BulkOrderInput) => placeImport(body, keyOfBody(key, body)),
    onSuccess: ({ placed }) => {
      for (const queryKey of [keys.orders, keys.balance, keys.journal]) void cache.invalidateQueries({ queryKey })
      notifications.show({ message: t('bulk.done', { count: placed }) })
      onPlaced()
    },
  })
}

function ListFields({ list, onList }: { list: string; onList: (list: string) => void }) {
  const { t } = useTranslation()
  const read = async (file: File | null) => {
    if (file !== null && file.size <= 4 * maxCsvLength) onList(await file.text())
  }
  return (
    <Stack gap="md">
      <Textarea
        label={t('bulk.text')}
        description={t('bulk.textHint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        minRows={8}
        maxRows={16}
        autosize
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        error={list.length > maxCsvLength ? t('bulk.tooLong') : undefined}
        value={list}
        onChange={(event) => onList(event.currentTarget.value)}
      />
      <FileInput label={t('bulk.file')} accept=".csv,.txt,text/csv,text/plain" onChange={(file) => void read(file)} />
    </Stack>
  )
}

function Verdict({ view }: { view: BulkView }) {
  const { t } = useTranslation()
  return (
    <div aria-live="polite">
      <Text>{t('bulk.valid', { count: view.valid })}</Text>
      {view.invalid > 0 && <Text c="var(--mantine-color-error)">{t('bulk.invalid', { count: view.invalid })}</Text>}
      <Text fw={600}>{t('bulk.cost', { count: view.costCoins })}</Text>
    </div>
  )
}

function ImportProgress({ importId }: { importId: string }) {
  const { t } = useTranslation()
  const progress = useQuery({
    queryKey: keys.importProgress(importId),
    queryFn: () => null as (LiveEvent & { kind: 'import-progress' }) | null,
    enabled: false,
  })
  const { done, total } = progress.data ?? { done: 0, total: 0 }
  return (
    <div>
      <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label={t('bulk.title')} />
      {total > 0 && <Text size="xs">{t('bulk.progress', { done, total })}</Text>}
    </div>
  )
}
