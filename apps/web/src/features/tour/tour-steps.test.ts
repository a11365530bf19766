import { expect, it } from 'vitest'
import { doneSteps } from './tour-steps.ts'

const none = { orders: 0, delivered: 0, receives: false }

it('follows what the user has done, whichever way they went', () => {
  expect([...doneSteps(none)]).toEqual([])
  expect([...doneSteps({ ...none, orders: 1 })]).toEqual(['try', 'schedule'])
  expect([...doneSteps({ ...none, orders: 2, delivered: 3 })]).toEqual(['try', 'schedule', 'page'])
  expect([...doneSteps({ ...none, receives: true })]).toEqual(['receive'])
})
