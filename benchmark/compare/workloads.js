// What is compared: each workload with its cases, how they are played and how many messages a round has.
'use strict';

const MB = 1 << 20;

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} play
 * @property {number} count  messages or channels in a round
 * @property {any} [params]  for the play
 * @property {import('./talk.js').Between} [between]  where not both
 * @property {'same' | 'split'} [cores]
 * @property {number} [x]  where it stands in a plot
 *
 * @typedef {object} Workload
 * @property {string} title
 * @property {string} unit
 * @property {boolean} [fresh]  each round takes new processes
 * @property {boolean} [plotted]  played on request, for a plot
 * @property {Case[]} cases
 */

const kinds = [['number', 'number'], ['100-char string', 'text'], ['{ id, op }', 'object']];
const sizes = /** @type {const} */ ([['16 B', 16], ['256 B', 256], ['4 KB', 4096], ['64 KB', 65536], ['1 MB', MB], ['16 MB', 16 * MB]]);

const lengths = /** @type {const} */ ([['100', 100], ['1 K', 1024], ['4 K', 4096], ['16 K', 16384], ['64 K', 65536], ['256 K', 262144], ['1 M', MB], ['8 M', 8 * MB]]);

/** As many as make 16 MB, and not more than a thousand. @param {number} size */
const burstOf = (size) => Math.max(1, Math.min(1000, Math.floor(16 * MB / size)));

/** Messages of one kind, the longer the fewer. @param {string} kind @param {readonly (readonly [string, number])[]} all @returns {Case[]} */
const bySize = (kind, all) => all.map(([name, x]) => ({
  name, x, play: 'burst', count: burstOf(x) * (x < 4096 ? 50 : 5), params: { kind: `${kind}:${x}`, burst: burstOf(x) },
}));

/** @type {Record<string, Workload>} */
const workloads = {
  W1: {
    title: 'bursts of 1 000, each acknowledged before the next',
    unit: 'µs per message',
    cases: kinds.map(([name, kind]) => ({ name, play: 'burst', count: 200_000, params: { kind, burst: 1000 } })),
  },
  W1s: {
    title: 'a stream of 400 000, acknowledged at its end',
    unit: 'µs per message',
    cases: kinds.map(([name, kind]) => ({ name, play: 'stream', count: 400_000, params: { kind, burst: 1000 } })),
  },
  W2: {
    title: 'round trip of a number, median',
    unit: 'µs',
    cases: [
      { name: 'on one core', play: 'ping', count: 5000, cores: 'same' },
      { name: 'on two cores', play: 'ping', count: 5000, cores: 'split' },
    ],
  },
  W3: {
    title: '20 records with dates and arrays in each message, bursts of 100',
    unit: 'µs per message',
    cases: [{ name: 'records', play: 'burst', count: 10_000, params: { kind: 'records', burst: 100 } }],
  },
  W4: {
    title: 'large clones, one on its way at a time, acknowledged',
    unit: 'µs per message',
    cases: [1, 16].map((n) => ({ name: `${n} MB`, play: 'burst', count: 160 / n, params: { kind: `bytes:${n * MB}`, burst: 1 } })),
  },
  W4T: {
    title: 'large transfers, the same memory there and back',
    unit: 'µs one way',
    // Between threads nothing is copied: with as few messages as copies take, what starts a program would be measured.
    cases: [1, 16].flatMap((n) => (/** @type {const} */ (['threads', 'processes'])).map((between) => ({
      name: `${n} MB`, between, play: 'transfer', count: between === 'threads' ? 1600 : 160 / n, params: { size: n * MB },
    }))),
  },
  W5: {
    title: 'a channel is made, used and closed',
    unit: 'µs per channel',
    cases: [
      { name: 'in one thread', between: 'threads', play: 'localChannels', count: 20_000 },
      { name: 'one end handed over', play: 'handedChannels', count: 2000 },
    ],
  },
  W6: {
    title: 'memory of an open channel, when 10 000 are open',
    unit: 'bytes per channel',
    fresh: true,
    cases: [
      { name: 'in one thread', between: 'threads', play: 'localMemory', count: 10_000 },
      { name: 'across two', between: 'processes', play: 'handedMemory', count: 10_000 },
    ],
  },
  W7: {
    title: 'four senders, one receiver, bursts of 1 000 of { id, op }',
    unit: 'µs per message',
    cases: [{ name: 'four senders', play: 'senders', count: 200_000, params: { kind: 'object', burst: 1000, senders: 4 } }],
  },
  size: {
    title: 'throughput by message size, bursts of at most 1 000 and 16 MB',
    unit: 'µs per message',
    plotted: true,
    cases: bySize('bytes', sizes),
  },
  texts: {
    title: 'throughput by length of a text, bursts of at most 1 000 and 16 MB',
    unit: 'µs per message',
    plotted: true,
    cases: bySize('text', lengths),
  },
  channels: {
    title: 'throughput by number of channels, { id, op } on each in turn',
    unit: 'µs per message',
    plotted: true,
    cases: ['1', '10', '100', '1 000', '10 000'].map((name, i) => ({
      name, x: 10 ** i, play: 'channels', count: 50_000, params: { kind: 'object', burst: 1000, channels: 10 ** i },
    })),
  },
  senders: {
    title: 'throughput by number of senders, bursts of 1 000 of { id, op }',
    unit: 'µs per message',
    plotted: true,
    cases: [1, 2, 4, 8, 16].map((x) => ({
      name: String(x), x, play: 'senders', count: 96_000, params: { kind: 'object', burst: 1000, senders: x },
    })),
  },
};

/**
 * With that part of the messages; but a channel's memory is known only where there are many.
 * @param {Case} it @param {number} scale @returns {Case}
 */
function scaled(it, scale) {
  if (it.play.endsWith('Memory')) return it;
  const burst = it.params?.burst ?? 1;
  return { ...it, count: Math.max(burst, Math.floor(it.count * scale / burst) * burst) };
}

/**
 * In small, to see that all of it works: of each play one case, and figures that mean nothing.
 * @param {Case[]} cases @returns {Case[]}
 */
function quick(cases) {
  return cases.filter(({ play, between }, i) => i === cases.findIndex((other) => other.play === play && other.between === between)).map((it) => {
    const { burst = 1, channels, senders, ...params } = it.params ?? {};
    if (it.play.endsWith('Memory')) return { ...it, count: 100 };
    const few = { burst: Math.min(burst, 100), ...(channels && { channels: 50 }), ...(senders && { senders: 2 }) };
    return scaled({ ...it, params: { ...params, ...few } }, 1 / 200);
  });
}

module.exports = { quick, scaled, workloads };
