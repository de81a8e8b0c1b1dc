// The arrows of lib/: which room may use which, and that they meet at their heads only. See docs/architecture.md.
'use strict';

/** From the lowest room to the highest: each may use those before it. */
const ROOMS = ['native', 'shared', 'inspect', 'clone', 'port', 'transfer', 'faces', 'family', 'ipc', 'workers'];

/** Rooms inside a room, with what each may use of it beside its common files. */
const INNER = {
  'clone/value': [], 'clone/kind': ['clone/value'], 'clone/encode': ['clone/kind', 'clone/value'], 'clone/decode': ['clone/value'],
  'faces/main': [], 'faces/web': [], 'faces/node': ['faces/web'],
};

const files = (/** @type {string[]} */ rooms) => `^lib/(${rooms.join('|')})/`;

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...ROOMS.map((room, index) => ({
      name: `no-arrow-back-from-${room}`,
      severity: 'error',
      from: { path: files([room]) },
      to: { path: '^lib/', pathNot: files(ROOMS.slice(0, index + 1)) },
    })),
    {
      name: 'rooms-meet-at-their-heads',
      severity: 'error',
      from: { path: '^lib/([^/]+)/' },
      to: { path: '^lib/([^/]+)/', pathNot: ['^lib/$1/', '^lib/[^/]+/index\\.js$'] },
    },
    { name: 'no-room-uses-its-own-head', severity: 'error', from: { path: '^lib/([^/]+)/' }, to: { path: '^lib/$1/index\\.js$' } },
    ...Object.entries(INNER).map(([inner, others]) => ({
      name: `no-arrow-back-from-${inner.replace('/', '-')}`,
      severity: 'error',
      from: { path: files([inner]) },
      to: { path: `^lib/${inner.split('/')[0]}/[^/]+/`, pathNot: files([inner, ...others]) },
    })),
    {
      name: 'entries-only-enter',
      comment: 'index.js, global.js and their like, the command and what children load first (lib/*.js) use rooms, and nobody uses them.',
      severity: 'error',
      from: {},
      to: { path: ['^index\\.js$', '^global\\.js$', '^worker[_-][a-z]+\\.js$', '^bin/', '^lib/[^/]+\\.js$'], pathNot: '^lib/core\\.js$' },
    },
    { name: 'entries-share-the-core', comment: 'See lib/native/copies.js: a room never asks for itself there.', severity: 'error', from: { path: '^lib/[^/]+/' }, to: { path: '^lib/core\\.js$' } },
    { name: 'nothing-unknown', severity: 'error', from: { path: '^(lib|bin|index|global|worker)', pathNot: 'native/binding\\.js$' }, to: { couldNotResolve: true } },
    {
      name: 'nobody-else-loads-the-addon',
      severity: 'error',
      from: { path: '^(lib|bin)/', pathNot: '^lib/native/binding\\.js$' },
      to: { path: '\\.node$' },
    },
    {
      name: 'threads-as-they-were',
      comment: 'A program may find our face under the name worker_threads: what Node has there is in lib/native/worker-threads.js.',
      severity: 'error',
      from: { path: '^lib/', pathNot: ['^lib/native/worker-threads\\.js$', '^lib/workers/everywhere\\.js$', '^lib/boot\\.js$'] },
      to: { path: '^(node:)?worker_threads$' },
    },
    { name: 'no-packages', severity: 'error', from: { path: '^(lib|bin|index|global|worker)' }, to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'] } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, exclude: { path: '^(__test__|benchmark|examples|target)/' } },
};
