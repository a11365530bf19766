import './app/styles.ts'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startI18n } from './app/i18n.ts'
import { followLiveEvents } from './app/live.ts'
import { Providers } from './app/providers.tsx'
import { newQueryClient } from './app/query-client.ts'
import { router } from './app/router.tsx'
import { onSessionChange, refreshSession, sessionState } from './http/session.ts'

const queryClient = newQueryClient()
// The session and the words are asked for at once; the page needs both.
void refreshSession()
await startI18n()
followLiveEvents(queryClient)
onSessionChange(() => {
  if (sessionState().kind === 'signed-out') void router.invalidate()
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element with the id root')
createRoot(root).render(
  <StrictMode>
    <Providers queryClient={queryClient}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
)
