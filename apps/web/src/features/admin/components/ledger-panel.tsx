import { Alert, Button, Stack, Text } from '@mantine/core'
import type { LedgerAuditView } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { auditLedger } from '../api/system.ts'

/** Checks the ledger's invariants when asked, and says which do not hold. */
export function LedgerPanel() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const audit = useMutation({
    mutationFn: auditLedger,
    onSettled: () => cache.invalidateQueries({ queryKey: keys.audit }),
  })
  return (
    <Surface title={t('admin.ledger')}>
      <Stack gap="md">
        <Text c="dimmed">{t('admin.ledgerText')}</Text>
        <ErrorNote error={audit.error} />
        {audit.data && <Outcome audit={audit.data} />}
        <Button
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          loading={audit.isPending}
          onClick={() => audit.mutate()}
        >
          {t('admin.checkLedger')}
        </Button>
      </Stack>
    </Surface>
  )
}

function Outcome({ audit: { at, tookMs, violations } }: { audit: LedgerAuditView }) {
  const { t } = useTranslation()
  const format = useFormat()
  const when = { at: format.dateTime(at, { seconds: true }), took: format.duration(tookMs) }
  if (violations.length === 0)
    return (
      <Alert role="status" color="verdigris" variant="light" title={t('admin.ledgerFine')}>
        {t('admin.ledgerWhen', when)}
      </Alert>
    )
  return (
    <>
      <Alert role="alert" color="red" variant="light" title={t('admin.ledgerBroken', { count: violations.length })}>
        {t('admin.ledgerWhen', when)}
      </Alert>
      <table className={table.table} aria-label={t('admin.ledger')}>
        <thead>
          <tr>
            <th scope="col">{t('admin.invariant')}</th>
            <th scope="col">{t('admin.subject')}</th>
            <th scope="col">{t('admin.detail')}</th>
          </tr>
        </thead>
        <tbody>
          {violations.map(({ invariant, subject, detail }) => (
            <tr key={`${invariant} ${subject}`}>
              <td>{invariant}</td>
              <td>{subject}</td>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
