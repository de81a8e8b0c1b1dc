// A report as a person reads it: threads, their ports, and the ports in the messages that wait in those.
// Whoever wrote it may be hostile: nothing of it is taken for more than text.
'use strict';

/** @typedef {import('../../index.d.ts').PortReport} PortReport */

/** From here on it goes no further to the right: ports may wait in ports without end. */
const DEEPEST = 20;

/** Without what a terminal would take for an order. @param {unknown} value */
const plain = (value) => String(value).replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, '?');

/** @param {number} count @param {string} thing */
const count = (count, thing) => `${count} ${thing}${count === 1 ? '' : 's'}`;

/**
 * @param {PortReport} port
 * @param {Map<number, PortReport>} known  all of them, by id
 */
function peerOf({ peer, peerId, channel }, known) {
  if (peer === 'gone') return 'peer gone';
  if (peerId === null) return `peer ${peer}, channel ${channel}`;
  const other = known.get(peerId);
  const place = other === undefined ? peer : other.inside === null ? nameOf(other.thread) : `in the queue of #${other.inside}`;
  return `peer #${peerId} ${place}`;
}

/**
 * @param {PortReport} port
 * @param {Map<number, PortReport>} known
 */
function lineOf(port, known) {
  const { id, face, started, hasRef, heldBy, queued, buffered, inside } = port;
  const facts = [
    `#${id}${face ? ` ${face}` : ''}`,
    peerOf(port, known),
    face && (started ? 'started' : 'not started'),
    queued > 0 && count(queued, 'byte') + ' queued',
    buffered > 0 && count(buffered, 'byte') + ' buffered',
    hasRef && 'holds the event loop',
    face && (heldBy.length > 0 ? `held by: ${[...heldBy].join(', ')}` : 'held by nothing of ours'),
    inside === null && !face && 'not taken yet',
  ];
  return plain(facts.filter(Boolean).join(' · '));
}

/** @param {PortReport} port @returns {string[]} */
function stackOf({ stack }) {
  return stack ? String(stack).split('\n').map(plain) : [];
}

/** @param {number | null} thread */
function nameOf(thread) {
  if (thread === null) return 'in no thread';
  return thread === 0 ? 'in the main thread' : `in thread ${plain(thread)}`;
}

/**
 * The ports that belong together by `key`, in order.
 * @template K
 * @param {PortReport[]} ports
 * @param {(port: PortReport) => K} key
 */
function grouped(ports, key) {
  /** @type {Map<K, PortReport[]>} */
  const groups = new Map();
  for (const port of ports) {
    const group = groups.get(key(port));
    if (group) group.push(port);
    else groups.set(key(port), [port]);
  }
  return groups;
}

/** @param {{ pid: number, ports: PortReport[] }} report */
function tree({ pid, ports }) {
  const known = new Map(ports.map((port) => [port.id, port]));
  const isInside = (/** @type {PortReport} */ { inside }) => inside !== null && known.has(inside);
  const contents = grouped(ports.filter(isInside), ({ inside }) => inside);
  const holding = ports.filter(({ hasRef }) => hasRef).length;
  const lines = [`process ${plain(pid)}: ${count(ports.length, 'open port')}, ${holding} of which ${holding === 1 ? 'holds' : 'hold'} an event loop`];
  const threads = [...grouped(ports.filter((port) => !isInside(port)), ({ thread }) => thread)];
  for (const [thread, its] of threads.sort(([a], [b]) => (a ?? Infinity) - (b ?? Infinity))) {
    lines.push(`${nameOf(thread)}: ${its.length}`);
    // A stack, in the order of the page: what is printed next lies on top.
    const waiting = its.map((port) => ({ port, depth: 1 })).reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { port, depth } = next;
      const margin = '  '.repeat(Math.min(depth, DEEPEST));
      lines.push(`${margin}${depth > 1 ? '└ in its queue: ' : ''}${lineOf(port, known)}`);
      for (const frame of stackOf(port)) lines.push(`${margin}    ${frame}`);
      for (const inner of (contents.get(port.id) ?? []).reverse()) waiting.push({ port: inner, depth: depth + 1 });
    }
  }
  return lines.join('\n');
}

module.exports = { tree };
