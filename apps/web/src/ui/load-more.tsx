import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'

interface LoadMoreProps {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => unknown
}

/** Continues a list; nothing once it is complete. */
export function LoadMore({ hasNextPage, isFetchingNextPage, fetchNextPage }: LoadMoreProps) {
  const { t } = useTranslation()
  if (!hasNextPage) return null
  return (
    <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
      {t('app.more')}
    </Button>
  )
}
