import { Skeleton } from '@mantine/core'
import type { ExtractField, RunResult } from '@quarry/domain'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { extractedJson, extractValues } from '../../../ui/extract-values.ts'
import { runPreviewQuery } from '../api/get-run-preview.ts'
import classes from './run-drawer.module.css'

/** What the order wants to see of a page, as JSON; taken from it here and now. */
export function RunExtract({ run, fields }: { run: RunResult; fields: readonly ExtractField[] }) {
  const page = useQuery(runPreviewQuery(run.orderId, run.rep))
  const text = page.data
  const json = useMemo(
    () => (text === undefined ? '' : JSON.stringify(extractedJson(extractValues(text, fields)), undefined, 2)),
    [text, fields],
  )
  if (page.isPending) return <Skeleton h={120} />
  if (text === undefined) return <ErrorNote error={page.error} />
  return <pre className={classes.code}>{json}</pre>
}
