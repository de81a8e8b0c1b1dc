// What this package is to reach, and what stands in the way where it does not: ratios to peers that the comparison is judged by.
'use strict';

/** A goal is met by its ratio, or by this share of the floor. */
const SHARE = 0.75;

/**
 * @typedef {object} Goal
 * @property {string} workload
 * @property {import('./talk.js').Between} between
 * @property {string} case
 * @property {string} peer
 * @property {number} [times]  what the peer takes, as a multiple of what ours takes
 * @property {number} [most]  what ours takes, in the unit of the workload
 * @property {string} [hindrance]  what a profile says, for when it is missed
 */

const WAKES = 'a sleeping core wakes in 35 to 65 µs, twice in a burst, which is as much as W1 takes beyond W1s; the floor has one wake of a core that is awake';
const KERNEL = 'a bare socket pair takes 8 µs; besides, each side asks epoll three times, two of them libuv\'s, which it does for fork, too';
const LISTS = 'checking the list, taking the memory and making an ArrayBuffer of it are 2 µs of calls into the engine from outside, and under 1 µs in it; the rest is waking the other thread, as with Node\'s';
const PAGES = 'copied once into the socket and once out of it, 120 µs per MB each on this machine';

/**
 * @param {string} workload @param {string} name @param {[threads: number, json: number, advanced?: number]} times @param {string} [hindrance]
 * @returns {Goal[]}
 */
function three(workload, name, [threads, json, advanced], hindrance) {
  const goal = { workload, case: name, ...(hindrance !== undefined && { hindrance }) };
  return [
    { ...goal, between: 'threads', peer: 'node-port', times: threads },
    { ...goal, between: 'processes', peer: 'fork-json', times: json },
    ...(advanced === undefined ? [] : [/** @type {Goal} */ ({ ...goal, between: 'processes', peer: 'fork-advanced', times: advanced })]),
  ];
}

/** @type {Goal[]} */
const goals = [
  ...three('W1', 'number', [6, 15, 25], WAKES),
  ...three('W1', '100-char string', [4.5, 7, 11], WAKES),
  ...three('W1', '{ id, op }', [8, 8, 15], WAKES),
  ...three('W1s', 'number', [12, 30], 'native looks at the header of each message where it leaves and where it arrives, and the socket copies it twice'),
  ...three('W1s', '100-char string', [6, 18], 'reading a string out of bytes is one call into the engine, 100 ns of it'),
  ...three('W1s', '{ id, op }', [12, 20]),
  { workload: 'W2', between: 'threads', case: 'on one core', peer: 'node-port', times: 1.8 },
  { workload: 'W2', between: 'threads', case: 'on two cores', peer: 'node-port', times: 1.1, hindrance: 'the wake-ups of two sleeping cores are all of it, as with Node\'s: the low-latency mode saves them' },
  { workload: 'W2', between: 'processes', case: 'on one core', peer: 'fork-json', times: 2.2, hindrance: KERNEL },
  { workload: 'W2', between: 'processes', case: 'on two cores', peer: 'fork-json', times: 1.6, hindrance: KERNEL },
  ...three('W3', 'records', [2.5, 5, 3.5]),
  ...three('W4', '1 MB', [3, 25, 5], PAGES),
  ...three('W4', '16 MB', [5, 40, 4], PAGES),
  { workload: 'W4T', between: 'threads', case: '1 MB', peer: 'node-port', times: 1, hindrance: LISTS },
  { workload: 'W4T', between: 'threads', case: '16 MB', peer: 'node-port', times: 1, hindrance: LISTS },
  { workload: 'W4T', between: 'processes', case: '1 MB', peer: 'ours', most: 250, hindrance: PAGES },
  { workload: 'W4T', between: 'processes', case: '16 MB', peer: 'ours', most: 4000, hindrance: PAGES },
  { workload: 'W5', between: 'threads', case: 'in one thread', peer: 'node-port', times: 5, hindrance: 'two turns of the loop, and what the collector takes for the objects of a port' },
  { workload: 'W5', between: 'threads', case: 'one end handed over', peer: 'node-port', times: 3, hindrance: 'three wake-ups of another thread, as with Node\'s' },
  { workload: 'W5', between: 'processes', case: 'one end handed over', peer: 'fork-json', times: 10, hindrance: 'three wake-ups of another process, a socket pair, and its way through a socket' },
  { workload: 'W6', between: 'threads', case: 'in one thread', peer: 'node-port', times: 4, hindrance: 'half of it is V8\'s: two event emitters, two async resources, two weak references' },
  { workload: 'W6', between: 'processes', case: 'across two', peer: 'ours', most: 6144, hindrance: 'the kernel takes 5.4 KB for a pair of sockets' },
  { workload: 'W7', between: 'threads', case: 'four senders', peer: 'node-port', times: 3 },
  { workload: 'W7', between: 'processes', case: 'four senders', peer: 'fork-json', times: 9 },
];

/**
 * @typedef {object} Judged
 * @property {Goal} goal
 * @property {import('./statistics.js').Summary} reached  in what the goal is in
 * @property {import('./statistics.js').Summary | null} share  of the floor
 * @property {'ratio' | 'share' | null} met  by what
 */

/** What a run says of each goal that it has played. @param {import('./analysis.js').Result[]} results @returns {Judged[]} */
function judged(results) {
  return goals.flatMap((goal) => {
    const result = results.find(({ workload, between, case: name }) => workload === goal.workload && between === goal.between && name === goal.case);
    const figure = result?.figures.find(({ label }) => label === goal.peer);
    const reached = goal.most === undefined ? figure?.ratio : figure?.figure;
    if (result === undefined || result.figures[0]?.label !== 'ours' || !reached) return [];
    const share = result.floor?.share ?? null;
    const byRatio = goal.most === undefined ? reached.median >= (goal.times ?? 0) : reached.median <= goal.most;
    return [{ goal, reached, share, met: byRatio ? 'ratio' : share !== null && share.median >= SHARE ? 'share' : null }];
  });
}

module.exports = { SHARE, goals, judged };
