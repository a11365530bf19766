import { Button, Chip, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { Controller, useFormContext, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { businessHours, type FormWindow, isOverNight, maxWindows, weekend } from '../form-windows.ts'
import type { OrderFormValues } from '../order-form.ts'
import { dayName } from '../schedule-sentence.ts'
import classes from './order-form.module.css'
import { useFieldError } from './refused-fields.ts'
import { ZoneField } from './zone-field.tsx'

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const

/** The hours of the week to which an interval keeps. */
export function WindowFields() {
  const { t } = useTranslation()
  const { control, setValue } = useFormContext<OrderFormValues>()
  const windows = useWatch({ control, name: 'windows' })
  const problem = useFieldError('windows')
  const set = (changed: readonly FormWindow[]) =>
    setValue('windows', [...changed], { shouldDirty: true, shouldValidate: true })
  return (
    <Stack gap="sm">
      <Switch
        label={t('plan.windows')}
        description={t('plan.windowsHint')}
        checked={windows.length > 0}
        onChange={(event) => set(event.currentTarget.checked ? [businessHours] : [])}
      />
      {windows.map((window, index) => (
        <WindowField
          key={index}
          number={index + 1}
          window={window}
          onChange={(changed) => set(windows.map((each, at) => (at === index ? changed : each)))}
          onRemove={() => set(windows.filter((_, at) => at !== index))}
        />
      ))}
      {problem !== undefined && (
        <Text c="var(--mantine-color-error)" size="xs" role="alert">
          {problem}
        </Text>
      )}
      {windows.length > 0 && (
        <>
          {windows.length < maxWindows && (
            <Group>
              <Button variant="default" size="xs" onClick={() => set([...windows, weekend])}>
                {t('plan.windowAdd')}
              </Button>
            </Group>
          )}
          <ZoneField />
        </>
      )}
    </Stack>
  )
}

interface WindowFieldProps {
  readonly number: number
  readonly window: FormWindow
  readonly onChange: (window: FormWindow) => void
  readonly onRemove: () => void
}

function WindowField({ number, window, onChange, onRemove }: WindowFieldProps) {
  const { t, i18n } = useTranslation()
  return (
    <fieldset className={classes.window}>
      <legend className={classes.label}>{t('plan.window', { number })}</legend>
      <Group gap="xs" mb="xs">
        <Button variant="default" size="xs" onClick={() => onChange(businessHours)}>
          {t('plan.business')}
        </Button>
        <Button variant="default" size="xs" onClick={() => onChange(weekend)}>
          {t('plan.weekend')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          aria-label={t('plan.windowRemove', { number })}
          onClick={onRemove}
        >
          ✕
        </Button>
      </Group>
      <Chip.Group
        multiple
        value={window.days.map(String)}
        onChange={(days) => onChange({ ...window, days: days.map(Number).sort((a, b) => a - b) })}
      >
        <Group gap={4} role="group" aria-label={t('plan.windowDays')}>
          {weekdays.map((day) => (
            <Chip key={day} value={String(day)} size="sm" radius="sm" aria-label={dayName(i18n.language, day, 'long')}>
              {dayName(i18n.language, day, 'short')}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <div className={classes.pair}>
        <TextInput
          type="time"
          label={t('plan.windowFrom')}
          value={window.from}
          onChange={(event) => onChange({ ...window, from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label={t('plan.windowUntil')}
          description={isOverNight(window) ? t('plan.windowNight') : undefined}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={window.until}
          onChange={(event) => onChange({ ...window, until: event.currentTarget.value })}
        />
      </div>
    </fieldset>
  )
}

/** Whether pages are counted or end at a time. */
export function EndField() {
  const { t } = useTranslation()
  const { control } = useFormContext<OrderFormValues>()
  return (
    <Controller
      name="end"
      control={control}
      render={({ field }) => (
        <Chip.Group value={field.value} onChange={field.onChange}>
          <div>
            <div className={classes.label} id="order-end">
              {t('plan.end')}
            </div>
            <Group gap="xs" role="radiogroup" aria-labelledby="order-end">
              {(['count', 'date'] as const).map((end) => (
                <Chip key={end} value={end} size="sm" radius="sm">
                  {t(`plan.ends.${end}`)}
                </Chip>
              ))}
            </Group>
          </div>
        </Chip.Group>
      )}
    />
  )
}
