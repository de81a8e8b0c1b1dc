// The near side of every workload: opens what it takes, plays rounds of it and checks that each message has arrived whole.
'use strict';

const { performance } = require('node:perf_hooks');
const { kernelMemory, usedMemory } = require('./memory.js');
const { kindOf, stamp, weighBytes, weightOf } = require('./messages.js');
const { Talk, order } = require('./talk.js');

/**
 * What a round gives: the figure in the unit of its workload, and how many messages (or channels) were counted and weighed
 * where they arrived.
 * @typedef {{ figure: number, checked: number, quantiles?: number[], kernel?: number | null }} Round
 *
 * @typedef {object} Play
 * @property {(contender: import('./talk.js').Contender, open: () => Promise<import('./talk.js').Place>, params: any) => any} prepare  null
 *   where the contender has nothing of the kind; what it opens stays until the process is ended
 * @property {(state: any, count: number, params: any) => Promise<Round>} round
 */

const AT_ONCE = 100; // channels that open; a server's backlog has room for some hundred

const microseconds = () => 1000 * performance.now();
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** @param {string} what @param {unknown} found @param {unknown} wanted */
function check(what, found, wanted) {
  if (!Object.is(found, wanted)) throw new Error(`messages were lost or changed: ${what} ${found} instead of ${wanted}`);
}

/** @param {any} report @param {string} kind @param {number} count */
function checkReport(report, kind, count) {
  check('count', report.count, count);
  check('weight', report.sum, weightOf(kind, 0, count));
}

/** One far side with one line. @param {() => Promise<import('./talk.js').Place>} open */
async function oneLine(open) {
  const place = await open();
  return { place, talk: new Talk(place.line) };
}

/** @type {Play} */
const burst = {
  prepare: (_, open) => oneLine(open),
  async round({ talk }, count, { kind, burst: size }) {
    const { make } = kindOf(kind);
    await talk.ask({ do: 'expect', kind, mode: 'count', every: size });
    const start = microseconds();
    for (let i = 0; i < count;) {
      const acknowledged = talk.answer();
      for (const end = i + size; i < end; i++) talk.line.send(make(i));
      check('acknowledged', (await acknowledged).count, i);
    }
    const time = microseconds() - start;
    checkReport(await talk.ask({ do: 'report' }), kind, count);
    return { figure: time / count, checked: count };
  },
};

/** @type {Play} */
const stream = {
  prepare: (_, open) => oneLine(open),
  async round({ talk }, count, { kind, burst: size }) {
    const { make } = kindOf(kind);
    await talk.ask({ do: 'expect', kind, mode: 'count', every: count });
    const acknowledged = talk.answer();
    const start = microseconds();
    for (let i = 0; i < count;) {
      for (const end = Math.min(count, i + size); i < end; i++) talk.line.send(make(i));
      await turn();
    }
    check('acknowledged', (await acknowledged).count, count);
    const time = microseconds() - start;
    checkReport(await talk.ask({ do: 'report' }), kind, count);
    return { figure: time / count, checked: count };
  },
};

/** @param {number[]} times in any order; the least, every hundredth of them, and the greatest */
function quantilesOf(times) {
  times.sort((a, b) => a - b);
  return Array.from({ length: 101 }, (_, i) => times[Math.round((i / 100) * (times.length - 1))]);
}

/** @type {Play} */
const ping = {
  prepare: (_, open) => oneLine(open),
  async round({ talk }, count) {
    await talk.ask({ do: 'expect', kind: 'number', mode: 'echo', every: 0 });
    const times = [];
    for (let i = 0; i < count; i++) {
      const start = microseconds();
      const echo = await new Promise((resolve) => {
        talk.hear = resolve;
        talk.line.send(i);
      });
      times.push(microseconds() - start);
      check('echo', echo, i);
    }
    checkReport(await talk.ask({ do: 'report' }), 'number', count);
    const quantiles = quantilesOf(times);
    return { figure: quantiles[50], checked: 2 * count, quantiles };
  },
};

/** The same bytes there and back, handed over both times; who cannot hand over copies. @type {Play} */
const transfer = {
  prepare: (_, open) => oneLine(open),
  async round({ talk }, count, { size }) {
    const kind = `bytes:${size}`;
    await talk.ask({ do: 'expect', kind, mode: 'echo', every: 0 });
    let message = new Uint8Array(size);
    const start = microseconds();
    for (let i = 0; i < count; i++) {
      stamp(message, i);
      const weight = weighBytes(message);
      message = await new Promise((resolve) => {
        talk.hear = resolve;
        talk.line.send(message, [message.buffer]);
      });
      check('weight of the echo', weighBytes(message), weight);
    }
    const time = microseconds() - start;
    checkReport(await talk.ask({ do: 'report' }), kind, count);
    return { figure: time / (2 * count), checked: 2 * count };
  },
};

/** A channel within a thread: made, one message, closed. @type {Play} */
const localChannels = {
  prepare: ({ pair }) => (pair === undefined ? null : { pair }),
  async round({ pair }, count) {
    const start = microseconds();
    for (let i = 0; i < count; i++) {
      const [near, far] = pair();
      const arrived = new Promise((resolve) => far.listen(resolve));
      near.send(i);
      check('message', await arrived, i);
      near.close();
    }
    return { figure: (microseconds() - start) / count, checked: count };
  },
};

/** A further channel to the far side: made, one message each way, closed. @type {Play} */
const handedChannels = {
  async prepare(_, open) {
    const place = await open();
    return place.channel === undefined ? null : { place, hellos: 0 };
  },
  async round(state, count) {
    const start = microseconds();
    for (let i = 0; i < count; i++) {
      const line = await state.place.channel();
      check('hellos', (await new Talk(line).ask({ do: 'hello' })).hellos, ++state.hellos);
      line.close();
    }
    return { figure: (microseconds() - start) / count, checked: 2 * count };
  },
};

/**
 * Opens many channels to the far side, some at a time, and has each answer.
 * @param {import('./talk.js').Place} place @param {number} count
 */
async function openMany(place, count) {
  /** @type {Talk[]} */
  const talks = [];
  const hellos = new Set();
  while (talks.length < count) {
    const some = [];
    for (let i = Math.min(AT_ONCE, count - talks.length); i > 0; i--) some.push(new Talk(await /** @type {Function} */ (place.channel)()));
    for (const answer of await Promise.all(some.map((talk) => talk.ask({ do: 'hello' })))) hellos.add(answer.hellos);
    talks.push(...some);
  }
  check('channels', hellos.size, count);
  return talks;
}

/** @type {Play} */
const localMemory = {
  prepare: ({ pair }) => (pair === undefined ? null : { pair }),
  async round({ pair }, count) {
    let arrived = 0;
    let last = () => {};
    const listen = () => {
      if (++arrived === count) last();
    };
    for (const line of pair()) line.close(); // whatever the first one loads
    const before = usedMemory();
    const pairs = Array.from({ length: count }, () => {
      const [near, far] = pair();
      near.listen(listen);
      far.listen(listen);
      return near;
    });
    const after = usedMemory();
    await new Promise((resolve) => {
      last = () => resolve(undefined);
      pairs.forEach((near) => near.send(1));
    });
    pairs.forEach((near) => near.close());
    return { figure: (after - before) / count, checked: count };
  },
};

/** What many channels take in both processes and in the kernel, open and listened to, before their first message. @type {Play} */
const handedMemory = {
  async prepare(_, open) {
    const state = await oneLine(open);
    return state.place.channel === undefined ? null : state;
  },
  async round({ place, talk }, count) {
    const used = async () => usedMemory() + (await talk.ask({ do: 'memory' })).used;
    const hellos = new Set();
    let last = () => {};
    const listen = (/** @type {string} */ answer) => {
      if (hellos.add(answer).size === count) last();
    };
    await used();
    const [before, kernelBefore] = [await used(), kernelMemory()];
    /** @type {import('./talk.js').Line[]} */
    const lines = [];
    while (lines.length < count) {
      const some = Math.min(count, lines.length + AT_ONCE);
      const opened = talk.ask({ do: 'await lines', count: 1 + some });
      while (lines.length < some) {
        const line = await place.channel();
        line.listen(listen);
        lines.push(line);
      }
      await opened;
    }
    const [kernelAfter, after] = [kernelMemory(), await used()];
    await new Promise((resolve) => {
      last = () => resolve(undefined);
      lines.forEach((line) => order(line, { do: 'hello' }));
    });
    lines.forEach((line) => line.close());
    const kernel = kernelAfter === null ? null : (kernelAfter - Number(kernelBefore)) / count;
    return { figure: (after - before) / count + (kernel ?? 0), checked: count, kernel };
  },
};

/** Bursts that go round over many channels to one far side. @type {Play} */
const channels = {
  async prepare(_, open, { channels: count }) {
    const state = await oneLine(open);
    if (count > 1 && state.place.channel === undefined) return null;
    const talks = count === 1 ? [state.talk] : await openMany(state.place, count);
    return { ...state, lines: talks.map(({ line }) => line) };
  },
  async round({ talk, lines }, count, { kind, burst: size }) {
    const { make } = kindOf(kind);
    await talk.ask({ do: 'expect', kind, mode: 'count', every: size });
    const start = microseconds();
    for (let i = 0; i < count;) {
      const acknowledged = talk.answer();
      for (const end = i + size; i < end; i++) lines[i % lines.length].send(make(i));
      check('acknowledged', (await acknowledged).count, i);
    }
    const time = microseconds() - start;
    checkReport(await talk.ask({ do: 'report' }), kind, count);
    return { figure: time / count, checked: count };
  },
};

/** Many far sides send to this one, each in bursts that are acknowledged. @type {Play} */
const senders = {
  async prepare(_, open, { senders: count }) {
    return Promise.all(Array.from({ length: count }, () => oneLine(open)));
  },
  async round(/** @type {{ talk: Talk }[]} */ all, count, { kind, burst: size }) {
    const { weigh } = kindOf(kind);
    const each = Math.ceil(count / all.length / size) * size;
    const weight = weightOf(kind, 0, each);
    const start = microseconds();
    await Promise.all(all.map(({ talk }) => new Promise((resolve, reject) => {
      let [seen, sum] = [0, 0];
      talk.hear = (message) => {
        sum += weigh(message);
        if (++seen % size === 0) order(talk.line, { do: 'acknowledge' });
        if (seen === each) sum === weight ? resolve(undefined) : reject(new Error(`messages were changed: weight ${sum} instead of ${weight}`));
      };
      order(talk.line, { do: 'send', kind, count: each, burst: size });
    })));
    const time = microseconds() - start;
    for (const { talk } of all) {
      talk.hear = () => { throw new Error('a message came twice'); };
      await talk.ask({ do: 'report' }); // what is too many would come before the answer
    }
    return { figure: time / (each * all.length), checked: each * all.length };
  },
};

/** @type {Record<string, Play>} */
module.exports = { burst, stream, ping, transfer, localChannels, handedChannels, localMemory, handedMemory, channels, senders };
