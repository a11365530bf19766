import { Button, Group, Stack, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keys } from '../../../http/keys.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'

const LEAST_LETTERS = 3
const MOST_LETTERS = 500

/** What the API said of the fields besides the reason, by their names. */
export type Refused = Readonly<Record<string, string>>

interface ActDialogProps<T> {
  readonly opened: boolean
  readonly title: string
  readonly confirm: string
  readonly danger?: boolean
  readonly act: (reason: string) => Promise<T>
  /** Said once it is done. */
  readonly doneWords: string
  readonly onDone: (done: T) => void
  readonly onClose: () => void
  /** Checks the other fields before anything is sent. */
  readonly check?: () => boolean
  /** What is about to happen, and the other fields. */
  readonly children: (refused: Refused) => ReactNode
}

/** Every act of an administrator: what it does, why it is done, and a button that says it. */
export function ActDialog<T>({ opened, title, onClose, ...form }: ActDialogProps<T>) {
  return (
    <Dialog opened={opened} onClose={onClose} title={title} closeOnClickOutside={false}>
      <ActForm title={title} onClose={onClose} {...form} />
    </Dialog>
  )
}

function ActForm<T>(props: Omit<ActDialogProps<T>, 'opened'>) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const acting = useMutation({
    mutationFn: () => props.act(reason.trim()),
    onSuccess: (done) => {
      notifications.show({ message: props.doneWords })
      props.onDone(done)
      props.onClose()
    },
    // What was refused was tried, and stands in the log.
    onSettled: () => cache.invalidateQueries({ queryKey: keys.audit }),
  })
  const refused = fieldProblems(t, acting.error === null ? undefined : asCodedError(acting.error))
  const isShort = reason.trim().length < LEAST_LETTERS
  return (
    <form
      noValidate
      aria-label={props.title}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        const othersFine = props.check?.() ?? true
        if (othersFine && !isShort) acting.mutate()
      }}
    >
      <Stack gap="md">
        {props.children(refused)}
        <Textarea
          label={t('admin.reason')}
          description={t('admin.reasonHint')}
          autosize
          minRows={2}
          maxLength={MOST_LETTERS}
          value={reason}
          error={(tried && isShort && t('admin.reasonNeeded')) || refused['reason']}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <ErrorNote error={acting.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color={props.danger ? 'red' : 'verdigris'} loading={acting.isPending}>
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
