import { Notifications } from '@mantine/notifications'

/** Where notes appear and leave again. */
export function Toaster() {
  return <Notifications position="bottom-right" autoClose={5000} limit={3} />
}
