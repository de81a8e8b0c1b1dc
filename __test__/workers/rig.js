// Plays a rule of node:worker_threads with Node's own workers, with ours in threads and with ours in processes: what holds for
// all three is the rule.
const nodes = require('node:worker_threads');
const ours = require('../../worker_threads.js');
const { test } = require('../helpers/test.js');

const KINDS = {
  "Node's own": { names: nodes, options: {} },
  thread: { names: ours, options: {} },
  process: { names: ours, options: { process: true } },
};

/** What every worker begins with; the worker knows Node's names only. */
const PRELUDE = "const wt = require('node:worker_threads');";

/** @param {string} title @param {(t: any, tools: any) => unknown} play */
function rule(title, play, kinds = Object.keys(KINDS)) {
  for (const kind of kinds) {
    const { names, options } = KINDS[kind];
    test.serial(`${title} (${kind})`, async (t) => {
      t.timeout(30_000);
      /** A worker made of text, which has `wt`. */
      const begin = (source, more = {}) => {
        const worker = new names.Worker(PRELUDE + source, { eval: true, ...options, ...more });
        ended.set(worker, new Promise((resolve) => { worker.once('exit', resolve); }));
        t.teardown(() => worker.terminate());
        return worker;
      };
      await play(t, { ...names, begin, options, kind });
    });
  }
}

/** When they have exited, and how: by then a test may be waiting for something else. */
const ended = new WeakMap();
const exitOf = (worker) => ended.get(worker);

/** The major version of this Node. */
const NODE = Number(process.versions.node.split('.')[0]);

module.exports = { rule, exitOf, ended, KINDS, PRELUDE, NODE };
