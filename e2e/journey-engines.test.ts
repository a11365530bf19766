import { onCluster } from '@quarry/engines-under-test'
import { journey, journeyEnv } from './src/journey.ts'
import { Marketplace } from './src/marketplace.ts'

onCluster(() => {
  journey(
    'on Cassandra, Redis and RabbitMQ behind Traefik',
    () => Marketplace.onEngines(journeyEnv),
    (market) => market.cluster.stop(),
  )
})
