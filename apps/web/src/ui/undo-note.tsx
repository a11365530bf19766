import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/** Time enough to read the note and to reach its button. */
const SHOWN_MS = 10_000

/** A note of what was done, with a button that takes it back once. */
export function showUndoNote(message: string, undo: string, onUndo: () => void): void {
  const takeBack = () => {
    notifications.hide(id)
    onUndo()
  }
  const id = notifications.show({
    autoClose: SHOWN_MS,
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text>{message}</Text>
        <Button size="compact-sm" variant="default" onClick={takeBack}>
          {undo}
        </Button>
      </Group>
    ),
  })
}
