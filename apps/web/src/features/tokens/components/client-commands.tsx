import { Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { miningCommands, resultCommands } from '../client-commands.ts'

/** How to run the two clients against this server, ready to copy. */
export function ClientCommands() {
  const { t } = useTranslation()
  const { origin } = window.location
  return (
    <Surface title={t('tokens.commands')}>
      <Stack gap="md">
        <Text c="dimmed">{t('tokens.commandsText')}</Text>
        <div>
          <Title order={3} size="h3" mb="xs">
            {t('tokens.mining')}
          </Title>
          <CommandBlock text={miningCommands(origin)} what={t('tokens.commandsOf', { name: 'mining-client' })} />
        </div>
        <div>
          <Title order={3} size="h3" mb="xs">
            {t('tokens.results')}
          </Title>
          <CommandBlock text={resultCommands(origin)} what={t('tokens.commandsOf', { name: 'result-client' })} />
        </div>
      </Stack>
    </Surface>
  )
}
