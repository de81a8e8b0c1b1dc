// The other runtimes, and which spec files play there. What begins with one of the titles beside a file is not played: docs/runtimes.md
// says why.

/** What of Bun's own stays: execFileSync() has an event loop of its own from its first call on. */
const SYNC = 'no descriptor is left behind';

/** Only Node's EventTarget tells who listens. */
const PAST_OURS = "a listener counts that is added by EventTarget's own";

const RUNTIMES = {
  Bun: {
    folder: 'bun', version: '1.4.5', file: 'bin/bun', args: ['run'],
    name: (arch) => `@oven/bun-linux-${arch === 'arm64' ? 'aarch64' : arch}`,
    specs: {
      'clone/encoder': ['what Object.prototype has of a description of properties is in none'],
      'faces/conversion': [],
      'faces/global': [SYNC],
      'faces/iterator': [],
      'faces/web-face': ['MessageChannel has two ports that cannot', 'a message is a real, trusted', 'an undecodable message is', 'close() says nothing here', PAST_OURS],
      'family/parent-port': [],
      'family/utility-process': ['what NODE_OPTIONS preloads finds nothing of ours', SYNC],
      'family/worker': [],
      'ipc/hostile': [],
      'ipc/invoke': [],
      'ipc/renderer': [],
      'ipc/sync': [],
      'native/stack': [],
      'port/backpressure': [],
      'port/close': [],
      'port/delivery': ['without a handler, a listener that throws ends the program', 'a rejected async listener'],
      'port/event-loop': [],
      'port/exit': [],
      'port/hostile': [],
      'port/order': [],
      'port/receive': [],
      'port/transfer': [],
      'shared/memory': ['another SharedArrayBuffer does not go to a process'],
      'shared/wait': [],
      'transfer/memory': [],
      'transfer/streams': [],
    },
  },
  Deno: {
    folder: 'deno', version: '2.9.6', file: 'deno', args: ['run', '--allow-all'],
    name: (arch) => `@deno/linux-${arch}-glibc`,
    specs: {
      'clone/encoder': [],
      'faces/conversion': [],
      'faces/global': ['import works as well', 'MessageEvent constructs as on the web'],
      'faces/web-face': ['a port through its own channel', PAST_OURS],
      'family/parent-port': ["in a child it is process.parentPort too, before the child's script runs", "its 'close' comes when the parent's thread is gone"],
      'family/utility-process': ['arguments, and options', 'without execArgv', 'the child sees nothing of ours', 'what NODE_OPTIONS preloads finds nothing of ours', 'a child of a thread that is terminated'],
      'family/worker': ['our postMessage() reaches our parentPort only', 'what a terminated thread had for a worker of its own'],
      'ipc/hostile': [],
      'ipc/invoke': [],
      'native/stack': ['receiveMessageOnPort: a message with a port'],
      'port/backpressure': [],
      'port/close': [],
      'port/delivery': [],
      'port/event-loop': [],
      'port/exit': [],
      'port/garbage': [],
      'port/order': [],
      'port/receive': [],
      'port/transfer': [],
      'transfer/memory': ['45 000 channels'],
      'transfer/streams': [],
    },
    /** Its own descriptors come and go: what is ours is looked for by come-and-go.js. */
    everywhere: ['no descriptor is left behind'],
  },
};

/** What is played in every run of the tests; `npm run test:runtimes` plays everything in every placement. */
const BRIEF = ['ipc/invoke', 'native/stack', 'port/close', 'port/delivery', 'port/transfer', 'transfer/streams'];
const BRIEF_PLACEMENTS = ['here | here', 'here | worker', 'here | child'];

module.exports = { RUNTIMES, BRIEF, BRIEF_PLACEMENTS };
