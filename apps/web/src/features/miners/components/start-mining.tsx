import { Anchor, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { containerCommand, machineCommands } from '../mining-commands.ts'

/** How to make a machine a miner of this server, ready to copy. */
export function StartMining() {
  const { t } = useTranslation()
  const { origin } = window.location
  return (
    <Surface title={t('miners.start')}>
      <Stack gap="lg">
        <div>
          <Title order={3} mb={4}>
            {t('miners.onMachine')}
          </Title>
          <Text c="dimmed" mb="xs">
            {t('miners.startText')} {t('miners.startNamed')}
          </Text>
          <CommandBlock
            text={machineCommands(origin)}
            what={t('miners.commandsOf', { where: t('miners.onMachine') })}
          />
        </div>
        <div>
          <Title order={3} mb={4}>
            {t('miners.inContainer')}
          </Title>
          <Text c="dimmed" mb="xs">
            {t('miners.containerText')}{' '}
            <Anchor inherit underline="always" renderRoot={(props) => <Link to="/account" {...props} />}>
              {t('miners.toTokens')}
            </Anchor>
          </Text>
          <CommandBlock
            text={containerCommand(origin)}
            what={t('miners.commandsOf', { where: t('miners.inContainer') })}
          />
        </div>
      </Stack>
    </Surface>
  )
}
