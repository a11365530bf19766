import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { saveFile } from '../../../ui/save-file.ts'
import { useFormat } from '../../../ui/use-format.ts'
import { useNow } from '../../../ui/use-now.ts'
import { useSession } from '../../../ui/use-session.ts'
import classes from './recovery-codes.module.css'

/** New recovery codes, the only time they are seen: to copy, to keep as a file, to print (then alone on the paper). */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const now = useNow()
  const session = useSession()
  const email = session.kind === 'signed-in' ? session.user.email : ''
  const heading = t('account.recoveryHeading', { email, date: format.dateTime(now) })
  const list = codes.join('\n')
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" role="status" title={t('account.recoveryTitle')}>
        <Text size="sm">{t('account.recoveryText')}</Text>
      </Alert>
      <div className={classes.printed}>
        <p className={classes.heading}>{heading}</p>
        <CommandBlock text={list} what={t('account.recoveryCodes')} />
      </div>
      <Group justify="space-between">
        <Group gap="xs">
          <Button
            variant="default"
            onClick={() => saveFile(new Blob([`${heading}\n\n${list}\n`]), 'quarry-recovery-codes.txt')}
          >
            {t('account.recoverySave')}
          </Button>
          <Button variant="default" onClick={() => window.print()}>
            {t('account.recoveryPrint')}
          </Button>
        </Group>
        <Button onClick={onDone}>{t('account.recoveryDone')}</Button>
      </Group>
    </Stack>
  )
}
