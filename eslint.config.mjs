import nx from '@nx/eslint-plugin'
import { defineConfig } from 'eslint/config'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'
import { boundaryOptions } from './tools/lint-layers.mjs'
import { clockModules, everywhere, noNodeModules, pureCodeRules } from './tools/lint-restrictions.mjs'

const tests = ['**/*.test.{ts,tsx}', '**/test/**/*.ts', 'e2e/**/*.ts']
const testSupport = [...tests, 'libs/*/conformance/**/*.ts', 'libs/testkit/**/*.ts']
const configFiles = ['*.config.{ts,mjs}', '**/vite.config.ts', '.dependency-cruiser.mjs']

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '.cache/', '.nx/', 'data/', 'tools/boundary-fixture/'] },
  // A rule that is wrong here is changed here, with its reason: nothing is switched off in passing.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaryOptions({ inTests: false })],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'max-lines': ['error', { max: 300 }],
      'no-restricted-syntax': ['error', ...everywhere],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      // A number in a text is read as meant.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => void f()` says less than `() => f()`.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A Nest module is an empty class, or one with a static `forRoot` only.
      '@typescript-eslint/no-extraneous-class': 'off',
      // `list[i]!` where the index is known to be in range is allowed by everywhere's restrictions, any other `!` is not.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An adapter that works at once still keeps its port's promise to be asynchronous.
      '@typescript-eslint/require-await': 'off',
      // It takes a private field for unchanged across calls and awaits, which is when ours change.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Nest's options are classes, given as literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `Result<void, …>` and `Promise<void> | void` are how this code says "nothing".
      '@typescript-eslint/no-invalid-void-type': 'off',
      // React and socket.io take asynchronous handlers where their types say void.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts', 'libs/contracts/src/**/*.ts'],
    rules: pureCodeRules([...everywhere, noNodeModules]),
  },
  { files: ['apps/*/src/**/application/**/*.ts'], rules: pureCodeRules(everywhere) },
  {
    // Its authors mark it as deprecated to be seen only. Providers on this very machine have no TLS.
    files: ['apps/auth/**/*.ts'],
    rules: {
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'openid-client', name: 'allowInsecureRequests' }] },
      ],
    },
  },
  // Secrets must not be predictable: what signs people in takes its chance from the system, not from a seed.
  { files: ['apps/auth/src/application/**/*.ts'], rules: { 'no-restricted-imports': ['error', ...clockModules] } },
  {
    files: ['apps/web/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
    // The router's way to lead elsewhere.
    rules: {
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
    },
  },
  {
    // Command lines and tools speak by standard output.
    files: [
      'apps/{mining-client,result-client,standalone}/src/**/*.ts',
      'libs/cli-kit/src/**/*.ts',
      'bench/**/*.ts',
      'simulation/**/*.ts',
      'tools/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: testSupport,
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaryOptions({ inTests: true })],
      // A table of cases may be long, and a test may reach for what it knows to be there.
      'max-lines': ['error', { max: 600 }],
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      'no-console': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  { files: configFiles, rules: { 'no-restricted-exports': 'off', '@nx/enforce-module-boundaries': 'off' } },
)
