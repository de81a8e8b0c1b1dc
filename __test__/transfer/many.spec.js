// As many ports as are promised go in one message, and what is beyond the limit is refused before anything has changed.
const assert = require('node:assert');
const { MessageChannelMain, receiveMessageOnPort } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario, test } = require('../helpers/scenario.js');

scenario('1 000 ports in one message are 1 000 working channels', {
  async left({ port, road }) {
    const channels = range(1000).map(() => new MessageChannelMain());
    channels.forEach(({ port1 }, i) => port1.postMessage(i));
    port.postMessage(null, channels.map(({ port2 }) => port2));
    const answers = await Promise.all(channels.map(({ port1 }) => new Reader(port1).rest()));
    assert.deepStrictEqual(answers, range(1000).map((i) => [2 * i]));
    road.postMessage('done');
  },
  async right({ port, road }) {
    const { ports } = await new Reader(port).event();
    for (const each of ports) {
      const { data } = await new Reader(each).event();
      each.postMessage(2 * data);
      each.close();
    }
    await new Reader(road).next();
  },
});

const MOST = 2 ** 16;

test.serial('65 536 parts go in one message, and one more does not', (t) => {
  t.timeout(30_000);
  const { port1, port2 } = new MessageChannelMain();
  const { port1: inner, port2: given } = new MessageChannelMain();
  const buffers = range(MOST).map(() => new ArrayBuffer(1));
  t.throws(() => port1.postMessage(null, [given, ...buffers]), { instanceOf: RangeError, code: 'ERR_MESSAGE_TOO_LARGE' });
  t.false(given.closed);
  t.true(buffers.every(({ byteLength }) => byteLength === 1), 'nothing was detached');
  t.is(receiveMessageOnPort(port2), undefined, 'nothing was sent');
  port1.postMessage(null, [given, ...buffers.slice(1)]);
  t.is(receiveMessageOnPort(port2).ports.length, 1);
  t.is(buffers[0].byteLength, 1);
  t.true(buffers.slice(1).every(({ byteLength }) => byteLength === 0));
  inner.close();
  port1.close();
});

test.serial('1 024 ports go in one message, and one more does not', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const channels = range(1025).map(() => new MessageChannelMain());
  const ports = channels.map((channel) => channel.port1);
  t.throws(() => port1.postMessage(null, ports), { instanceOf: RangeError, code: 'ERR_MESSAGE_TOO_LARGE' });
  t.false(ports.some(({ closed }) => closed), 'nothing was transferred');
  t.is(receiveMessageOnPort(port2), undefined, 'nothing was sent');
  port1.postMessage(null, ports.slice(1));
  t.is(receiveMessageOnPort(port2).ports.length, 1024);
  for (const { port2 } of channels) port2.close();
  port1.close();
});
