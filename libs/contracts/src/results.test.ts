import type { FailureReason, Fault } from '@quarry/domain'
import { failureRules } from '@quarry/domain'
import { expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import { failureOutcomeSchema } from './results.ts'

test('the reasons and faults on the wire are those of the domain: none missing, none besides', () => {
  type Wire = z.infer<typeof failureOutcomeSchema>
  expectTypeOf<Wire['reason']>().toEqualTypeOf<FailureReason>()
  expectTypeOf<Wire['fault']>().toEqualTypeOf<Fault>()
  expect(failureOutcomeSchema.shape.reason.options.toSorted()).toEqual(Object.keys(failureRules).toSorted())
})
