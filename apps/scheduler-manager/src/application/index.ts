export { HoldLeadership } from './hold-leadership.ts'
export { LeadSchedulers } from './lead-schedulers.ts'
