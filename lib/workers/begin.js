// Makes a process that was started for a worker look like one, and lets it tell its parent what becomes of it.
'use strict';

const { parentLink } = require('../family');
const { nodeFace } = require('../faces');
const { native } = require('../native');
const { birth } = require('./birth.js');
const { join } = require('./broadcast.js');
const { inherit } = require('./environment-data.js');
const { reportCode, reportErrors } = require('./errors.js');
const { takeStack } = require('./stack.js');
const threadMessages = require('./thread-messages.js');

const { process } = globalThis;

/** Its output is made when somebody asks for it: all of it is to be written, however the process ends. */
function watchOutput() {
  for (const [name, fd] of /** @type {const} */ ([['stdout', 1], ['stderr', 2]])) {
    const { get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(process, name));
    /** @type {unknown} */
    let stream;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get() {
        if (stream === undefined) {
          stream = get?.call(process); // which is written to while the rest is loaded, with NODE_DEBUG=module
          require('./output.js').keepWhole(stream, fd);
        }
        return stream;
      },
    });
  }
}

/** @param {(everywhere: boolean) => void} settle  puts our names in place */
function begin(settle) {
  if (birth === null) return;
  // A thread dies with its process, and with the thread that made it, whatever either is doing.
  const key = native.claim(parentLink.control);
  if (native.follow(birth.parent, key) === 0) process.kill(process.pid, 'SIGKILL');
  takeStack(process.execArgv, birth.resourceLimits.stackSizeMb);
  process.argv.splice(1, Infinity, ...birth.argv);
  process.execArgv = birth.execArgv;
  inherit(birth.environmentData);
  settle(birth.everywhere);
  const control = nodeFace().wrapNode(key);
  watchOutput();
  reportErrors(control);
  reportCode(control);
  const others = join((broadcast) => control.postMessage({ ...broadcast, type: 'broadcast' }));
  const up = (/** @type {object} */ message, /** @type {object[] | undefined} */ transfer) => control.postMessage(message, transfer);
  control.on('message', (/** @type {any} */ message) => {
    if (message?.type === 'ask') require('./answers.js').answer(control, message);
    else if (message?.type === 'broadcast') others.receive(message);
    else if (message?.type === 'thread-message') threadMessages.told(message, up);
    else if (message?.type === 'end') require('./written-at-end.js').endHere(control);
  });
  control.unref();
  threadMessages.setParent(up);
  control.postMessage('online'); // a text: what objects are is found out when the program has one
}

module.exports = { begin };
