import { NativeSelect, Stack } from '@mantine/core'
import { useFormContext } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { Surface } from '../../../ui/surface.tsx'
import { maxPriceCoins, type OrderFormValues, patiencesMs } from '../order-form.ts'
import { NumberField } from './number-field.tsx'
import classes from './order-form.module.css'
import { useFieldError } from './refused-fields.ts'

const patiences = Object.keys(patiencesMs) as (keyof typeof patiencesMs)[]
const catchUps = ['latest', 'all', 'none'] as const

/** Price and patience, which seldom need changing, folded away. */
export function AdvancedFields() {
  const { t } = useTranslation()
  const { register } = useFormContext<OrderFormValues>()
  return (
    <Surface>
      <Stack gap="lg">
        <details className={classes.advanced}>
          <summary>{t('form.advanced')}</summary>
          <Stack gap="md">
            <NumberField
              name="priceCoins"
              label={t('form.price')}
              description={t('form.priceHint')}
              max={maxPriceCoins}
            />
            <NativeSelect
              label={t('form.patience')}
              description={t('form.patienceHint')}
              data={patiences.map((value) => ({ value, label: t(`form.patienceOf.${value}`) }))}
              error={useFieldError('patience')}
              {...register('patience')}
            />
            <NativeSelect
              label={t('form.catchUp')}
              data={catchUps.map((value) => ({ value, label: t(`catchUps.${value}`) }))}
              error={useFieldError('catchUp')}
              {...register('catchUp')}
            />
          </Stack>
        </details>
      </Stack>
    </Surface>
  )
}
