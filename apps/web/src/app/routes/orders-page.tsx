import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { OrderTable } from '../../features/orders/components/order-table.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import classes from './columns.module.css'
import { FirstSteps } from './first-steps.tsx'

export function OrdersPage() {
  const { t } = useTranslation()
  const action = <Button renderRoot={(props) => <Link to="/orders/new" {...props} />}>{t('orders.new')}</Button>
  return (
    <>
      <PageHead title={t('orders.title')} actions={action} />
      <div className={classes.stack}>
        <OrderTable />
        <FirstSteps />
      </div>
    </>
  )
}
