import { Button, Text, TextInput } from '@mantine/core'
import type { DenyRuleView } from '@quarry/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { allowHost, denyHost, denyListQuery } from '../api/deny-list.ts'
import { ActDialog } from './act-dialog.tsx'

/** Hosts to which no job goes: look through, add, take away. */
export function DenyList() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const rules = useQuery(denyListQuery)
  const [adding, setAdding] = useState(false)
  const [pattern, setPattern] = useState('')
  const [removing, setRemoving] = useState(false)
  const took = (list: readonly DenyRuleView[]) => cache.setQueryData(keys.denyList, list)
  const remove = (rule: DenyRuleView) => {
    setPattern(rule.pattern)
    setRemoving(true)
  }
  const add = <Button onClick={() => setAdding(true)}>{t('admin.acts.deny.open')}</Button>
  const isEmpty = rules.data?.length === 0
  return (
    <Surface title={t('admin.denyList')} aside={isEmpty ? undefined : add}>
      <Text c="dimmed" mb="md">
        {t('admin.denyListText')}
      </Text>
      {rules.isPending && <TableSkeleton rows={3} />}
      {rules.isError && !rules.data && <ErrorNote error={rules.error} onRetry={() => void rules.refetch()} />}
      {isEmpty && <EmptyState title={t('admin.noRules')} text={t('admin.noRulesText')} action={add} />}
      {rules.data && !isEmpty && <Rules rules={rules.data} onRemove={remove} />}
      <DenyDialog opened={adding} onDone={took} onClose={() => setAdding(false)} />
      <ActDialog
        opened={removing}
        title={t('admin.acts.allow.title', { pattern })}
        confirm={t('admin.acts.allow.open')}
        act={(reason) => allowHost({ pattern, reason })}
        doneWords={t('admin.acts.allow.done', { pattern })}
        onDone={took}
        onClose={() => setRemoving(false)}
      >
        {() => <Text>{t('admin.acts.allow.text')}</Text>}
      </ActDialog>
    </Surface>
  )
}

function Rules({ rules, onRemove }: { rules: readonly DenyRuleView[]; onRemove: (rule: DenyRuleView) => void }) {
  const { t } = useTranslation()
  return (
    <table className={table.table} aria-label={t('admin.denyList')}>
      <thead>
        <tr>
          <th scope="col">{t('admin.host')}</th>
          <th scope="col">{t('admin.reason')}</th>
          <th scope="col" className={table.wide}>
            {t('admin.when')}
          </th>
          <th scope="col" className={table.number}>
            {t('admin.actions')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.pattern}>
            <td>{rule.pattern}</td>
            <td>{rule.reason}</td>
            <td className={table.wide}>
              <ExactTime at={rule.at} />
            </td>
            <td className={table.number}>
              <Button
                size="xs"
                variant="default"
                aria-label={t('admin.allowOf', { pattern: rule.pattern })}
                onClick={() => onRemove(rule)}
              >
                {t('admin.acts.allow.open')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface DenyDialogProps {
  readonly opened: boolean
  readonly onDone: (rules: readonly DenyRuleView[]) => void
  readonly onClose: () => void
}

function DenyDialog({ opened, onDone, onClose }: DenyDialogProps) {
  const { t } = useTranslation()
  const [pattern, setPattern] = useState('')
  const [tried, setTried] = useState(false)
  const isEmpty = pattern.trim() === ''
  const close = () => {
    setPattern('')
    setTried(false)
    onClose()
  }
  return (
    <ActDialog
      opened={opened}
      title={t('admin.acts.deny.title')}
      confirm={t('admin.acts.deny.open')}
      danger
      check={() => {
        setTried(true)
        return !isEmpty
      }}
      act={(reason) => denyHost({ pattern: pattern.trim(), reason })}
      doneWords={t('admin.acts.deny.done', { pattern: pattern.trim() })}
      onDone={onDone}
      onClose={close}
    >
      {(refused) => (
        <>
          <Text>{t('admin.acts.deny.text')}</Text>
          <TextInput
            label={t('admin.host')}
            description={t('admin.hostHint')}
            data-autofocus
            autoComplete="off"
            maxLength={255}
            value={pattern}
            error={(tried && isEmpty && t('admin.hostNeeded')) || refused['pattern']}
            onChange={({ currentTarget }) => setPattern(currentTarget.value)}
          />
        </>
      )}
    </ActDialog>
  )
}
