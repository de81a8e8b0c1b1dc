// The same where V8's own functions are not to be had: Node-API has one of its own in newer versions of Node.js.
process.env.MESSAGE_PORTS_ENGINE = 'none';
const { test } = require('../helpers/test.js');
const { sharedMemory } = require('../../index.js');

/** @returns {string} why there is none */
function refusal() {
  try {
    sharedMemory.create(8);
    return '';
  } catch ({ code }) {
    return code;
  }
}

if (refusal() === '') require('../shared/memory.spec.js');
else test('there is none, which is said', (t) => t.is(refusal(), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'));
