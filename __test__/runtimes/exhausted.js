// Loads this package when there is no descriptor left, and each time again that there is one more. Prints what the first failures said
// of themselves: those of ours, for the runtime cannot read our files either.
const fs = require('node:fs');

const held = [];
try {
  for (;;) held.push(fs.openSync('/dev/null'));
} catch {
  // None is left.
}
const seen = new Set();
const load = () => {
  try {
    require('../../index.js');
    return 'loaded';
  } catch ({ code, message }) {
    return /EMFILE|Too many open files \(os error 24\)$/.test(message) && code !== 'ERR_DESCRIPTORS_EXHAUSTED' ? 'the runtime' : code;
  }
};
while (!seen.has('loaded')) {
  fs.closeSync(held.pop());
  seen.add(load());
}
seen.delete('the runtime');
console.log([...seen].join());
