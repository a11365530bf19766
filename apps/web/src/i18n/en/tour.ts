export const tour = {
  title: 'First steps',
  show: 'Show the first steps',
  hide: 'Put away',
  done: '(done)',
  steps: {
    try: { title: 'Try a page', text: 'Enter an address and have it fetched once for nothing, before you order.' },
    schedule: {
      title: 'Order it on a schedule',
      text: 'Say how often, see the cost and the first runs, and place it.',
    },
    page: { title: 'Your first page arrives', text: 'As soon as a miner is free. You may also start one of your own.' },
    receive: {
      title: 'Receive pages as files',
      text: 'Log the result-client in once; it writes every page to your disk.',
    },
  },
  toTry: 'Try a page',
  toSchedule: 'Place an order',
  toMiners: 'Start a miner',
  toTokens: 'Create a token',
  command: 'commands of the result-client',
  secondFactorTitle: 'Make a stolen password worthless',
  secondFactorText: 'Set up two-step sign-in with an app on your phone. It takes a minute, and API tokens need it.',
  secondFactorSetUp: 'Set up now',
  secondFactorLater: 'Later',
} as const
