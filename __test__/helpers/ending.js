// The ways in which a place can come to its end right after its last post.
const { parentPort } = require('../../index.js');

/** For each way of ending, the kinds of places that can end so. */
const mortal = {
  'SIGKILL': ['child', 'worker of a child'],
  'process.exit()': ['worker', 'child', 'worker of a child'],
  'worker.terminate()': ['worker', 'worker of a child'],
  'its natural end': ['worker', 'child', 'worker of a child'],
};

/**
 * `end(way)` as the halves in this place get it. It returns never, or, for the natural end, a promise of nothing.
 * @param {object} link the place's line to the test
 */
const ending = (link) => (way) => {
  switch (way) {
    case 'SIGKILL': return process.kill(process.pid, 'SIGKILL');
    case 'process.exit()': return process.exit();
    case 'worker.terminate()': {
      parentPort.postMessage('terminate me');
      for (;;); // terminated in the middle of its work, not when it is idle
    }
    case 'its natural end': {
      link.unref();
      return new Promise(() => {});
    }
    default: throw new Error(`Unknown way to end: ${way}`);
  }
};

module.exports = { mortal, ending };
