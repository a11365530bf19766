import { NativeSelect, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useId } from 'react'
import { Controller, useFormContext, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import { maxRepetitions, type OrderFormValues, presetsMs, unitSizesMs } from '../order-form.ts'
import classes from './order-form.module.css'
import { NumberField } from './number-field.tsx'
import { useFieldError } from './refused-fields.ts'
import { useCronWords } from './use-cron-words.ts'
import { EndField, WindowFields } from './window-fields.tsx'
import { ZoneField } from './zone-field.tsx'

const kinds = ['once', 'interval', 'cron'] as const
const presets = [...(Object.keys(presetsMs) as (keyof typeof presetsMs)[]), 'custom'] as const
const units = Object.keys(unitSizesMs) as (keyof typeof unitSizesMs)[]

/** Once, every so often or by cron; from when, and how many times. */
export function ScheduleFields() {
  const { t } = useTranslation()
  const { control, register } = useFormContext<OrderFormValues>()
  const kind = useWatch({ control, name: 'kind' })
  const label = useId()
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return (
    <Surface title={t('form.when')}>
      <Stack gap="md">
        <div>
          <div id={label} className={classes.label}>
            {t('form.kind')}
          </div>
          <Controller
            name="kind"
            control={control}
            render={({ field }) => (
              <SegmentedControl
                fullWidth
                aria-labelledby={label}
                value={field.value}
                onChange={field.onChange}
                data={kinds.map((value) => ({ value, label: t(`form.kinds.${value}`) }))}
              />
            )}
          />
        </div>
        {kind === 'interval' && <IntervalFields />}
        {kind === 'cron' && <CronFields />}
        <div className={classes.pair}>
          <TextInput
            type="datetime-local"
            label={t('form.start')}
            description={t('form.startHint', { zone: timeZone })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            error={useFieldError('startAt')}
            {...register('startAt')}
          />
          {kind !== 'once' && (
            <NumberField name="jitterMinutes" label={t('plan.jitter')} description={t('plan.jitterHint')} min={0} />
          )}
        </div>
        {kind === 'interval' && <WindowFields />}
        {kind !== 'once' && <EndFields />}
      </Stack>
    </Surface>
  )
}

function EndFields() {
  const { t } = useTranslation()
  const { control, register } = useFormContext<OrderFormValues>()
  const end = useWatch({ control, name: 'end' })
  const untilError = useFieldError('until')
  return (
    <>
      <EndField />
      {end === 'count' ? (
        <NumberField
          name="repetitions"
          label={t('form.repetitions')}
          description={t('form.repetitionsHint')}
          max={maxRepetitions}
        />
      ) : (
        <TextInput
          type="datetime-local"
          label={t('plan.until')}
          description={t('plan.untilHint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          error={untilError}
          {...register('until')}
        />
      )}
    </>
  )
}

function IntervalFields() {
  const { t } = useTranslation()
  const { control, register } = useFormContext<OrderFormValues>()
  const preset = useWatch({ control, name: 'preset' })
  return (
    <>
      <NativeSelect
        label={t('form.preset')}
        data={presets.map((value) => ({ value, label: t(`form.presets.${value}`) }))}
        {...register('preset')}
      />
      {preset === 'custom' && (
        <div className={classes.pair}>
          <NumberField name="every" label={t('form.every')} />
          <NativeSelect
            label={t('form.unit')}
            data={units.map((value) => ({ value, label: t(`form.units.${value}`) }))}
            {...register('unit', { deps: ['every'] })}
          />
        </div>
      )}
    </>
  )
}

function CronFields() {
  const { t } = useTranslation()
  const { control, register } = useFormContext<OrderFormValues>()
  const words = useCronWords(useWatch({ control, name: 'expression' }))
  return (
    <>
      <TextInput
        label={t('form.expression')}
        description={t('form.expressionHint')}
        autoComplete="off"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        error={useFieldError('expression')}
        {...register('expression')}
      />
      {words !== undefined && (
        <Text size="sm" c="dimmed" aria-live="polite">
          {t('plan.cronWords', { words })}
        </Text>
      )}
      <ZoneField />
    </>
  )
}
