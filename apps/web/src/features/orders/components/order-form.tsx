import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import type { OrderView, PlaceOrderInput } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { FormProvider, useForm, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keyOfBody } from '../../../http/idempotency.ts'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { placeOrder } from '../api/place-order.ts'
import { previewQuery } from '../api/preview-order.ts'
import { dropDraft, keepDraft, newDraft, readDraft } from '../draft.ts'
import { completeUrl, fieldOf, type OrderFormValues, orderOfForm, previewOfForm } from '../order-form.ts'
import { AdvancedFields } from './advanced-fields.tsx'
import classes from './order-form.module.css'
import { OrderSummary } from './order-summary.tsx'
import { RefusedFields } from './refused-fields.ts'
import { ScheduleFields } from './schedule-fields.tsx'
import { TargetFields } from './target-fields.tsx'
import { useFormResolver } from './use-form-resolver.ts'

const PREVIEW_AFTER_MS = 350

interface OrderFormProps {
  readonly initial: OrderFormValues
  /** What was typed is kept in this tab under this name, until it is placed. */
  readonly draft: string
  readonly onPlaced: (order: OrderView) => void
  /** Stands below the address: something to try it out with, and what to take from its page. */
  readonly tryOut?: (form: TryOutSlot) => ReactNode
}

interface TryOutSlot {
  readonly url: string
  readonly fields: OrderFormValues['extract']
  readonly onFields: (fields: OrderFormValues['extract']) => void
}

/** A new order: what, when, for how much, with its cost and first runs beside it as they are typed. */
export function OrderForm({ initial, draft: name, onPlaced, tryOut }: OrderFormProps) {
  const { t } = useTranslation()
  const [kept] = useState(() => readDraft(name, initial))
  const [{ values: begun, key }] = useState(() => kept ?? newDraft(initial))
  const form = useForm<OrderFormValues>({ defaultValues: begun, resolver: useFormResolver(), mode: 'onTouched' })
  const values = useWatch({ control: form.control }) as OrderFormValues
  const [settled] = useDebouncedValue(values, PREVIEW_AFTER_MS)
  const body = useMemo(() => previewOfForm(settled), [settled])
  const preview = useQuery(previewQuery(body))
  useEffect(() => {
    if (form.formState.isDirty) keepDraft(name, { values, key })
  }, [form.formState.isDirty, key, name, values])
  const place = usePlaceOrder(key, (order) => {
    dropDraft(name)
    onPlaced(order)
  })
  const refused = useRefusedFields(place.error ?? preview.error, place.error === null)

  return (
    <FormProvider {...form}>
      <RefusedFields value={refused}>
        <form
          noValidate
          className={classes.form}
          aria-label={t('form.title')}
          onSubmit={form.handleSubmit((sent) => place.mutate(orderOfForm(sent)))}
          onChange={() => place.isError && place.reset()}
        >
          <Stack gap="md" className={classes.fields}>
            {kept && <RestoredNote onDiscard={() => form.reset(initial)} name={name} />}
            <TargetFields>
              {tryOut?.({
                url: completeUrl(values.url),
                fields: values.extract,
                onFields: (fields) => form.setValue('extract', fields, { shouldDirty: true }),
              })}
            </TargetFields>
            <ScheduleFields />
            <AdvancedFields />
          </Stack>
          <div className={classes.side}>
            <OrderSummary values={settled} preview={body && preview.data} stale={preview.isPlaceholderData}>
              <Stack gap="md">
                <PlaceError error={place.error} />
                <Button type="submit" fullWidth loading={place.isPending}>
                  {t('form.submit')}
                </Button>
              </Stack>
            </OrderSummary>
          </div>
        </form>
      </RefusedFields>
    </FormProvider>
  )
}

function usePlaceOrder(key: string, onPlaced: (order: OrderView) => void) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: PlaceOrderInput) => placeOrder(body, keyOfBody(key, body)),
    onSuccess: (order) => {
      cache.setQueryData(keys.order(order.id), order)
      for (const queryKey of [keys.orderList, keys.orderSummary, keys.balance, keys.journal])
        void cache.invalidateQueries({ queryKey })
      notifications.show({ message: t('form.placed') })
      onPlaced(order)
    },
  })
}

/** What the server refused, by form field. A preview's word on the address does not count: it may be a stand-in. */
function useRefusedFields(error: unknown, fromPreview: boolean): Readonly<Record<string, string>> {
  const { t } = useTranslation()
  return useMemo(() => {
    if (error === null || error === undefined) return {}
    const coded = asCodedError(error)
    const problems = Object.entries(fieldProblems(t, coded)).map(([path, words]) => [fieldOf(path), words] as const)
    const known = Object.fromEntries(problems.filter(([field]) => field !== undefined)) as Record<string, string>
    if (coded.code === 'address_forbidden') known['url'] ??= t('errors.address_forbidden')
    if (known['expression'] !== undefined) known['expression'] = `${t('form.expressionWrong')} ${known['expression']}`
    const { url, ...others } = known
    return fromPreview || url === undefined ? others : known
  }, [error, fromPreview, t])
}

function RestoredNote({ name, onDiscard }: { name: string; onDiscard: () => void }) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(true)
  if (!shown) return null
  const discard = () => {
    onDiscard()
    dropDraft(name)
    setShown(false)
  }
  return (
    <Group gap="sm">
      <Text c="dimmed">{t('plan.restored')}</Text>
      <Button size="xs" variant="default" onClick={discard}>
        {t('plan.discard')}
      </Button>
    </Group>
  )
}

function PlaceError({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const poor = error !== null && asCodedError(error).code === 'not_enough_coins'
  return (
    <ErrorNote error={error}>
      {poor && (
        <Anchor renderRoot={(props) => <Link to="/wallet" {...props} />} size="sm">
          {t('form.toWallet')}
        </Anchor>
      )}
    </ErrorNote>
  )
}
