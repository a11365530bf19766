import { Button, Skeleton, Text } from '@mantine/core'
import type { EntranceView, LinkedSignInView } from '@quarry/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { SettingRow } from '../../../ui/setting-row.tsx'
import { StepUpDialog } from '../../../ui/step-up-dialog.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { linkProvider, unlink, waysInQuery } from '../api/links.ts'
import { FirstPasswordDialog } from './first-password-dialog.tsx'
import { problemOf } from './problem.ts'

type Asked =
  | { readonly kind: 'link'; readonly provider: { readonly id: string; readonly name: string } }
  | { readonly kind: 'unlink'; readonly link: LinkedSignInView }
  | { readonly kind: 'password' }

/** The ways in beside the password: those linked, each with a way to end it, and those that can be. */
export function LinkedSignIns({ providers }: Pick<EntranceView, 'providers'>) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const { problem } = useSearch({ strict: false })
  const ways = useQuery(waysInQuery)
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  const done = () => {
    close()
    void cache.invalidateQueries({ queryKey: keys.account })
  }
  const { hasPassword, links } = ways.data ?? { hasPassword: true, links: [] }
  // Where nobody can sign in from elsewhere, and nobody has, there is nothing to say.
  if (providers.length === 0 && links.length === 0 && hasPassword) return null
  return (
    <Surface id="links" title={t('elsewhere.title')}>
      <ErrorNote error={problemOf(problem)} />
      {ways.isError && <ErrorNote error={ways.error} onRetry={() => void ways.refetch()} />}
      {ways.isPending && providers.map(({ id }) => <Skeleton key={id} height={48} />)}
      {!hasPassword && (
        <SettingRow
          name={t('elsewhere.noPassword')}
          action={<Button onClick={() => setAsked({ kind: 'password' })}>{t('elsewhere.setPassword')}</Button>}
        >
          {t('elsewhere.noPasswordText')}
        </SettingRow>
      )}
      {links.map((link) => (
        <SettingRow
          key={link.id}
          name={link.provider}
          action={
            <Button
              variant="default"
              disabled={!hasPassword}
              aria-label={t('elsewhere.unlinkNamed', { name: link.provider })}
              onClick={() => setAsked({ kind: 'unlink', link })}
            >
              {t('elsewhere.unlink')}
            </Button>
          }
        >
          {link.email !== '' && <>{link.email} · </>}
          {t('elsewhere.linked')} <RelativeTime at={link.linkedAt} />
          {!hasPassword && <Text size="sm">{t('elsewhere.lastWayIn')}</Text>}
        </SettingRow>
      ))}
      {ways.isSuccess &&
        hasPassword &&
        providers.map((provider) => (
          <SettingRow
            key={provider.id}
            name={provider.name}
            action={
              <Button
                variant="default"
                aria-label={t('elsewhere.linkNamed', { name: provider.name })}
                onClick={() => setAsked({ kind: 'link', provider })}
              >
                {t('elsewhere.link')}
              </Button>
            }
          >
            {t('elsewhere.linkText', { name: provider.name })}
          </SettingRow>
        ))}
      {asked?.kind === 'link' && (
        <StepUpDialog
          opened
          title={t('elsewhere.linkNamed', { name: asked.provider.name })}
          confirm={t('elsewhere.continueWith', { name: asked.provider.name })}
          act={(factors) => linkProvider(asked.provider.id, factors)}
          onDone={({ url }) => window.location.assign(url)}
          onClose={close}
        />
      )}
      {asked?.kind === 'unlink' && (
        <StepUpDialog
          opened
          danger
          title={t('elsewhere.unlinkNamed', { name: asked.link.provider })}
          confirm={t('elsewhere.unlink')}
          act={(factors) => unlink(asked.link.id, factors)}
          onDone={done}
          onClose={close}
        >
          <Text>{t('elsewhere.unlinkText', { name: asked.link.provider })}</Text>
        </StepUpDialog>
      )}
      <FirstPasswordDialog opened={asked?.kind === 'password'} onDone={done} onClose={close} />
    </Surface>
  )
}
