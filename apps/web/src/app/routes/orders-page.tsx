import { Button, Group } from '@mantine/core'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { OrderFilter } from '../order-filter.ts'
import { OrderTable } from '../../features/orders/components/order-table.tsx'
import { SecondFactorPrompt } from '../../features/tour/components/second-factor-prompt.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useSession } from '../../ui/use-session.ts'
import classes from './columns.module.css'
import { FirstSteps } from './first-steps.tsx'

const route = getRouteApi('/signed-in/orders')

export function OrdersPage() {
  const { t } = useTranslation()
  const session = useSession()
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const router = useRouter()
  // What was typed counts a moment later; whoever has left for another page meanwhile is not to be brought back.
  const onFilter = (search: OrderFilter) => {
    if (router.latestLocation.pathname === '/orders') void navigate({ search, replace: true })
  }
  const action = (
    <Group gap="xs">
      <Button variant="default" renderRoot={(props) => <Link to="/orders/import" {...props} />}>
        {t('list.import')}
      </Button>
      <Button renderRoot={(props) => <Link to="/orders/new" {...props} />}>{t('orders.new')}</Button>
    </Group>
  )
  return (
    <>
      <PageHead title={t('orders.title')} actions={action} />
      <div className={classes.stack}>
        {session.kind === 'signed-in' && !session.user.guest && <SecondFactorPrompt user={session.user} />}
        <OrderTable filter={filter} onFilter={onFilter} />
        <FirstSteps />
      </div>
    </>
  )
}
