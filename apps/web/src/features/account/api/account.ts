import type { OwnAccountView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** What the server knows of the user now; the session's own copy may be minutes old. */
export const accountQuery = queryOptions({
  queryKey: keys.ownAccount,
  queryFn: ({ signal }) => request<OwnAccountView>('/api/v1/auth/account', { signal }),
})
