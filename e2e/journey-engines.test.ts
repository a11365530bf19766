import { onCluster } from '@quarry/engines-under-test'
import { journey, journeyEnv } from './src/journey.ts'
import { Marketplace } from './src/marketplace.ts'

onCluster(() => {
  journey(
    'on Cassandra, Redis and RabbitMQ behind Traefik',
    () => Marketplace.onEngines(journeyEnv),
    // The audit that follows needs the ledger: the cluster is stopped after it.
    () => Promise.resolve(),
  )
})
