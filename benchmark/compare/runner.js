// One contender in a process of its own: plays what it is told, a line of JSON each on stdin, and answers so on stdout.
'use strict';

const path = require('node:path');
const readline = require('node:readline');

const [name, between] = process.argv.slice(2);
const far = path.join(__dirname, 'far.js');
const isFloor = name === 'floor';

/** @type {Record<string, import('./plays.js').Play>} */
const plays = isFloor ? require('./floor.js') : require('./plays.js');
const contender = isFloor ? /** @type {any} */ ({}) : require('./contenders').contender(name);
const open = async () => contender.open(between, far);

/** What the present case has open. */
let state = /** @type {any} */ (null);

/** @param {any} command */
async function run({ do: what, play, params, count }) {
  switch (what) {
    case 'prepare':
      if (plays[play] === undefined) return { able: false };
      state = await plays[play].prepare(contender, open, params);
      return { able: state !== null };
    case 'round': return plays[play].round(state, count, params);
    default: throw new Error(`no such command: ${what}`);
  }
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const answer = await run(JSON.parse(line)).catch((error) => ({ error: error.message ?? String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}).on('close', () => process.exit());
