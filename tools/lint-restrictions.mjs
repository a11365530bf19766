/** What pure code (the domain, and the `application/` folder of every app) may not reach for, and what it uses instead. */

const useClock = 'Take a Clock (from @quarry/domain) by the constructor: a whole marketplace runs on a simulated one.'
const useRandom = 'Take a Random (from @quarry/domain) by the constructor: a failing seed must replay.'
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance']

/** Modules that know the time. */
export const clockModules = ['timers', 'timers/promises', 'perf_hooks'].flatMap((name) => [
  { name, message: useClock },
  { name: `node:${name}`, message: useClock },
])

/** Rules for pure code; `alsoSyntax` are the selectors that hold everywhere, since ESLint does not merge options. */
export function pureCodeRules(alsoSyntax) {
  return {
    'no-restricted-globals': [
      'error',
      ...timers.map((name) => ({ name, message: useClock })),
      { name: 'crypto', message: useRandom },
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: useClock },
      { object: 'process', property: 'hrtime', message: useClock },
      { object: 'process', property: 'uptime', message: useClock },
      { object: 'Math', property: 'random', message: useRandom },
      ...timers.map((property) => ({ object: 'globalThis', property, message: useClock })),
      { object: 'globalThis', property: 'crypto', message: useRandom },
    ],
    'no-restricted-imports': [
      'error',
      {
        paths: [
          ...clockModules,
          ...['crypto', 'node:crypto'].map((name) => ({
            name,
            importNames: [
              'default',
              'randomBytes',
              'randomInt',
              'randomUUID',
              'randomFill',
              'randomFillSync',
              'webcrypto',
              'getRandomValues',
            ],
            message: useRandom,
          })),
        ],
      },
    ],
    'no-restricted-syntax': [
      'error',
      ...alsoSyntax,
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: useClock },
      { selector: "CallExpression[callee.name='Date']", message: useClock },
      { selector: 'ImportDeclaration[source.value=/^(node:)?crypto$/] > ImportNamespaceSpecifier', message: useRandom },
    ],
  }
}

/** The domain and the contracts also run in browsers. */
export const noNodeModules = {
  selector: 'ImportDeclaration[source.value=/^node:/]',
  message: 'The domain and the contracts also run in the browser: no Node built-ins.',
}

const message = 'At most three parameters: name them in one object, or find the missing type.'
const functions = 'FunctionExpression[params.length>3]'

/** At most three parameters, except for constructors, whose collaborators are injected. */
const fewParameters = [
  { selector: ':matches(FunctionDeclaration, TSDeclareFunction)[params.length>3]', message },
  // What Nest calls with the injected collaborators is a constructor in all but name.
  { selector: ":not(Property[key.name='useFactory']) > ArrowFunctionExpression[params.length>3]", message },
  { selector: ':matches(TSMethodSignature, TSFunctionType)[params.length>3]', message },
  { selector: `:not(MethodDefinition) > ${functions}`, message },
  // A route's parameters are what the request brings, each named by its decorator.
  { selector: `MethodDefinition[kind!='constructor']:not([decorators.length>0]) > ${functions}`, message },
]

/** Selectors that hold in all sources. Since `noUncheckedIndexedAccess`, `!` may say that an index is in range, no more. */
export const everywhere = [
  ...fewParameters,
  {
    selector: "TSNonNullExpression:not([expression.type='MemberExpression'][expression.computed=true])",
    message: 'Handle the missing case; `!` is for an index known to be in range (`list[i]!`).',
  },
]
