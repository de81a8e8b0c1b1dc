// The lint rules: eslint's recommended ones and a few that catch what review would otherwise have to.
'use strict';

const js = require('@eslint/js');
const globals = require('globals');

/** What a message passes: it must not depend on methods that a program may have replaced. See lib/native/builtins.js. */
const onTheWay = [
  'lib/clone/**', 'lib/native/errors.js', 'lib/native/stack.js', 'lib/port/**', 'lib/transfer/**',
];

/** Methods of the language that may be called after loading; those of our own classes have other names. */
const methods = Object.getOwnPropertyNames(Array.prototype)
  .concat(...[String, Number, RegExp, Date, Function, Promise].map(({ prototype }) => Object.getOwnPropertyNames(prototype)))
  .filter((name) => /^[a-z]/.test(name) && !['constructor', 'length', 'name'].includes(name));
const OWN = ['at', 'copy', 'values', 'keys', 'with', 'then', 'catch', 'finally']; // found in other objects too

/** What is the host's, not the language's: its globals of that name but for those that every module has. */
const hosts = Object.keys(globals.node).filter((name) => !(name in globals.builtin) && !['require', 'module', 'exports', '__dirname', '__filename', 'globalThis'].includes(name));

/** A test may stop ticks with the clock: whoever puts something off keeps the function in a constant. */
const ticks = { selector: 'MemberExpression[object.name=process][property.name=nextTick]', message: 'A test may stop it, with the clock: keep it in a constant.' };

/** What a function asks the global object for when it runs: by then a program may have another there, or none. */
const heldGlobals = {
  create: (context) => ({
    'Program:exit'() {
      for (const { name, references } of context.sourceCode.scopeManager.globalScope.variables) {
        for (const { identifier, from } of references) {
          const { type, block } = from.variableScope;
          const isLater = block.type !== 'Program' && type !== 'class-static-block';
          if (isLater && name in globals.builtin && !['globalThis', 'undefined', 'Infinity', 'NaN'].includes(name)) {
            context.report({ node: identifier, message: 'A program may have replaced it: take it out of globalThis when the file loads.' });
          }
        }
      }
    },
  }),
};

module.exports = [
  { ignores: ['gathered/', 'target/', 'fuzz/target/', '.tmp/'] },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'array-callback-return': 'error',
      'default-case-last': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-control-regex': 'off', // the codec's strings hold them
      'no-self-compare': 'error',
      'no-throw-literal': 'error',
      'no-unused-vars': ['error', { args: 'after-used', argsIgnorePattern: '^_', caughtErrors: 'all' }],
      'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      yoda: 'error',
    },
  },
  {
    files: ['lib/**'],
    rules: {
      'no-restricted-syntax': ['error', ticks],
      'no-restricted-globals': ['error', ...hosts.map((name) => ({
        name, message: 'A worker made from text shadows it for us, too, if it calls something so: take it out of globalThis.',
      })), { name: 'SharedArrayBuffer', message: 'A program may be shown none: take it from builtins.js' }],
    },
  },
  {
    files: [...onTheWay, 'lib/faces/**', 'lib/shared/**'],
    plugins: { ours: { rules: { 'held-globals': heldGlobals } } },
    rules: { 'ours/held-globals': 'error' },
  },
  {
    files: onTheWay,
    rules: {
      'no-restricted-syntax': ['error', ticks,
        {
          selector: `:function CallExpression > MemberExpression.callee[object.type!='ThisExpression'][property.name=/^(${methods.filter((name) => !OWN.includes(name)).join('|')})$/]`,
          message: 'A program may have replaced this method: take it from builtins.js.',
        },
        {
          selector: ':function CallExpression > MemberExpression.callee[object.name=/^(Object|Array|Reflect|JSON|Math|Number|String|Buffer|ArrayBuffer|BigInt)$/]',
          message: 'A program may have replaced this function: keep it in a constant.',
        },
        { selector: ':function ForOfStatement, :function :matches(ArrayExpression, CallExpression, NewExpression) > SpreadElement', message: 'Iteration can be replaced: use an index.' },
      ],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.node } },
];
