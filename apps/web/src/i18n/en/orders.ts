export const orders = {
  title: 'Orders',
  new: 'New order',
  tableCaption: 'Your orders',
  name: 'Order',
  state: 'State',
  next: 'Next run',
  progress: 'Progress',
  last: 'Last outcome',
  emptyTitle: 'No orders yet',
  emptyText:
    'Give an address and a schedule. Miners fetch the page each time, and you are charged only for pages delivered.',
  emptyAction: 'Place your first order',
  noNext: 'None',
  noRunYet: 'No run yet',
  runsOf: '{{done, number}} of {{total, number}}',
  progressLabel: '{{delivered, number}} delivered, {{failed, number}} failed, {{total, number}} in all',
  due: 'Due now',
} as const
