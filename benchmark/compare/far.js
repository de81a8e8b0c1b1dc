// The far side of every contender, a script of a worker or a child: counts and weighs what comes, echoes it, or sends.
'use strict';

const { contender } = require('./contenders');
const { usedMemory } = require('./memory.js');
const { kindOf } = require('./messages.js');
const { isOrder, order } = require('./talk.js');

/** @typedef {import('./talk.js').Line} Line */

/** The line that orders came over; its like are counted together with it. @type {Line} */
let first;
let count = 0;
let sum = 0;
let due = 0;
let every = 0;
let hellos = 0;
let lines = 0;
let awaited = () => {};
let kind = kindOf('number');
let mode = 'count';
let acknowledged = () => {};

/** @param {Line} line @param {any} message */
function take(line, message) {
  sum += kind.weigh(message);
  count++;
  if (mode === 'echo') line.send(message, message.buffer && [message.buffer]);
  else if (count === due) {
    due += every;
    order(first, { count, sum });
  }
}

/** Sends in bursts, each after the one before has been acknowledged. @param {string} name @param {number} total @param {number} burst */
async function send(name, total, burst) {
  const { make } = kindOf(name);
  for (let i = 0; i < total;) {
    const wait = new Promise((resolve) => {
      acknowledged = () => resolve(undefined);
    });
    for (const end = Math.min(total, i + burst); i < end; i++) first.send(make(i));
    await wait;
  }
}

/** @type {Record<string, (order: any, line: Line) => unknown>} */
const orders = {
  expect(asked, line) {
    first = line;
    kind = kindOf(asked.kind);
    ({ mode, every } = asked);
    due = every;
    count = sum = 0;
    order(line, {});
  },
  report: (_, line) => order(line, { count, sum }),
  hello: (_, line) => order(line, { hellos: ++hellos }),
  memory: (_, line) => order(line, { used: usedMemory() }),
  'await lines'(asked, line) {
    awaited = () => {
      if (lines === asked.count) order(line, {});
    };
    awaited();
  },
  acknowledge: () => acknowledged(),
  send(asked, line) {
    first = line;
    return send(asked.kind, asked.count, asked.burst);
  },
};

contender(process.env.BENCH_CONTENDER ?? '').accept((line) => {
  line.listen((message) => {
    if (!isOrder(message)) return take(line, message);
    const asked = JSON.parse(message.slice(1));
    return orders[asked.do](asked, line);
  });
  lines++;
  awaited();
});
