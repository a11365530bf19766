  const tables = ['users', 'credentials', 'elsewhere']
  userStoreSuite('Cassandra', userBench(cassandraKeyspace(address, tables)), { crashes: true })
})
