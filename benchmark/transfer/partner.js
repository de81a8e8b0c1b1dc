// The child of shared.js: answers every turn in the way that its argument says.
'use strict';

const [way] = process.argv.slice(2);

if (way === 'fork') {
  process.on('message', (message) => { if (message === 0) process.disconnect(); else process.send?.(message); });
  process.send?.('ready');
} else {
  const { parentPort, sharedMemory } = require('../..');
  parentPort.on('message', function answer({ data }) {
    if (way === 'ours') {
      if (data === 0) parentPort.off('message', answer);
      else parentPort.postMessage(data);
      return;
    }
    const { word, turns, sleeps } = data;
    for (let i = 0; i <= 2 * turns; i += 2) {
      for (let seen = Atomics.load(word, 0); seen !== i; seen = Atomics.load(word, 0)) if (sleeps) sharedMemory.wait(word, 0, seen);
      Atomics.store(word, 0, i + 1);
      if (sleeps) sharedMemory.notify(word, 0);
    }
    parentPort.off('message', answer);
  });
  parentPort.postMessage('ready');
}
