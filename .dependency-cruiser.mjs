/** The boundaries inside an app and the ones Nx does not know: by resolved file, not by package name. */
const test = '(\\.test\\.tsx?$|/test/)'
const testSupport = `${test}|^(e2e|bench|simulation|tools)/|^libs/testkit/|/conformance/`
const application = '^apps/[^/]+/src/application/'
const drivers = '(ioredis|amqplib|cassandra-driver|socket\\.io|socket\\.io-client|fastify|undici)'

export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one thing, or hide a third: name it.',
      from: {},
      // A cycle of types alone exists for the reader only, not when it runs.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'application-knows-no-edge',
      severity: 'error',
      comment: 'A use case is called by an edge and never calls one: take what it needs by the constructor.',
      from: { path: application, pathNot: test },
      to: {
        path: '^apps/[^/]+/src/(http|socket|queue|terminal|commands)/|\\.(controller|gateway|consumer|module)\\.ts$',
      },
    },
    {
      name: 'application-knows-no-framework',
      severity: 'error',
      comment:
        'Use cases are plain classes: no Nest, no driver, no service-kit. Wire them in the module by useFactory.',
      from: { path: application, pathNot: test },
      to: {
        path: [
          `node_modules/(@nestjs/|@fastify/|${drivers}/)`,
          '^libs/service-kit/',
          '^libs/(storage|messaging|mail)/(?!port/)',
          '^node:sqlite$',
          '^sqlite$',
        ],
      },
    },
    {
      name: 'app-imports-no-app',
      severity: 'error',
      comment: 'Services meet by contracts (HTTP, sockets, queues), never by import.',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'standalone-imports-the-index-only',
      severity: 'error',
      comment: 'Standalone composes the services by what their index exports: their module and their configuration.',
      from: { path: '^apps/standalone/' },
      to: { path: '^apps/(?!standalone/)', pathNot: '^apps/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'feature-imports-no-feature',
      severity: 'error',
      comment: 'Features of the site share by ui/ or by the router, never by each other.',
      from: { path: '^apps/web/src/features/([^/]+)/' },
      to: { path: '^apps/web/src/features/', pathNot: '^apps/web/src/features/$1/' },
    },
    {
      name: 'test-support-stays-in-tests',
      severity: 'error',
      comment: 'The testkit and the conformance suites are for tests only.',
      from: { pathNot: testSupport },
      to: { path: `^libs/testkit/|/conformance/|${test}` },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'What cannot be resolved cannot be checked either.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/', '^tools/boundary-fixture/'] },
    // Types count: a use case that names an edge's type knows the edge.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
