// message-channel-main/global: libraries that make channels of their own make ours.
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { prints } = require('../helpers/program.js');
const { test } = require('../helpers/test.js');

const run = (t, source, lines) => {
  t.timeout(20_000);
  return prints(t, source, lines);
};

test.serial('puts the web face where Node had its own, in the same manner', (t) => run(t, `
  const names = ['MessageChannel', 'MessagePort', 'MessageEvent'];
  const before = names.map((name) => globalThis[name]);
  require('message-channel-main/global');
  const ours = require('message-channel-main');
  for (const [i, name] of names.entries()) {
    const { value, enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
    console.log(name, value !== before[i], value === (ours[name] ?? value), value.name, enumerable, writable, configurable);
  }
`, ['MessageChannel', 'MessagePort', 'MessageEvent'].map((name) => `${name} true true ${name} false true true`)));

test.serial('requiring the package itself leaves the globals alone', (t) => run(t, `
  const { MessageChannel, MessagePort } = require('node:worker_threads');
  console.log(globalThis.MessageChannel === MessageChannel, globalThis.MessagePort === MessagePort);
`, ['true true']));

test.serial('import works as well', (t) => run(t, `
  import('message-channel-main/global').then(() => {
    console.log(globalThis.MessageChannel === require('message-channel-main').MessageChannel);
  });
`, ['true']));

test.serial('a library that knows only the globals passes ports through ours', (t) => run(t, `
  require('message-channel-main/global');
  const outer = new MessageChannel();
  const inner = new MessageChannel();
  outer.port1.postMessage({ port: inner.port2 }, [inner.port2]);
  outer.port2.onmessage = (event) => {
    console.log(event instanceof MessageEvent, event.ports[0] instanceof MessagePort, event.ports[0] instanceof EventTarget);
    inner.port1.onmessage = ({ data }) => {
      console.log(data);
      inner.port1.close();
      outer.port1.close();
    };
    event.data.port.postMessage('through');
  };
`, ['true true true', 'through']));

test.serial("what is no port is refused in Node's own words", (t) => {
  const program = `
    for (const init of [{ source: 1 }, { source: {} }, { ports: 0 }, { ports: null }, { ports: [null] }, { ports: [{}] }, { ports: ['x'] }]) {
      try {
        new MessageEvent('message', init);
      } catch ({ name, message }) {
        console.log(name, message);
      }
    }`;
  const told = (...options) => execFileSync(process.execPath, [...options, '-e', program], { encoding: 'utf8' });
  t.is(told('--require', path.join(__dirname, '../../global.js')), told());
});

test.serial('the ports of a MessageEvent are taken as a sequence of the web is', (t) => run(t, `
  require('message-channel-main/global');
  const { port1 } = new MessageChannel();
  let [asked, taken] = [0, 0];
  const [port] = new MessageEvent('m', { ports: { get [Symbol.iterator]() { asked += 1; return () => [port1].values(); } } }).ports;
  console.log(asked, port === port1);
  const event = new MessageEvent('m', { data: 'data', ports: [port1], cancelable: true });
  const endless = { [Symbol.iterator]: () => ({ next: () => (taken++ < 1000 ? { value: taken } : { done: true }) }) };
  for (const ports of [endless, { [Symbol.iterator]: () => 5 }, new String('ab')]) {
    for (const wrong of [() => new MessageEvent('m', { ports }), () => event.initMessageEvent('other', false, false, 'other', '', '', null, ports)]) {
      try { wrong(); console.log('accepted', ports); } catch (error) { if (!(error instanceof TypeError)) console.log(error); }
    }
  }
  console.log(taken, event.type, event.data, event.ports[0] === port1, event.cancelable);
  port1.close();
`, ['1 true', '2 m data true true']));

test.serial('MessageEvent constructs as on the web, with our ports', (t) => run(t, `
  require('message-channel-main/global');
  const { port1, port2 } = new MessageChannel();
  const event = new MessageEvent('test', { data: 'd', origin: 'o', lastEventId: 'l', source: port1, ports: [port1, port2], cancelable: true });
  console.log(event.type, event.data, event.origin, event.lastEventId, event.source === port1, event.ports[1] === port2);
  console.log(Object.isFrozen(event.ports), event.ports === event.ports, event.isTrusted, event.cancelable, event.bubbles);
  const empty = new MessageEvent('test');
  console.log(empty.data, empty.origin === '', empty.lastEventId === '', empty.source, empty.ports.length);
  for (const wrong of [() => new MessageEvent(), () => MessageEvent('t'), () => new MessageEvent('t', 5),
    () => new MessageEvent('t', { ports: 5 }), () => new MessageEvent('t', { ports: null }), () => new MessageEvent('t', { ports: [{}] }),
    () => new MessageEvent('t', { source: {} }), () => MessageEvent.prototype.data]) {
    try { wrong(); console.log('accepted', wrong); } catch (error) { if (!(error instanceof TypeError)) console.log(error); }
  }
  empty.initMessageEvent('other', true, true, 1, 'o', 'l', port1, [port2]);
  console.log(empty.type, empty.bubbles, empty.data, empty.origin, empty.lastEventId, empty.source === port1, empty.ports[0] === port2);
  console.log(new MessageEvent('t', { origin: '\\ud800' }).origin === '\\ufffd', Object.keys(MessageEvent.prototype).slice(0, 6).join());
  port1.close();
`, [
  'test d o l true true',
  'true true false true false',
  'null true true null 0',
  'other true 1 o l true true',
  'true data,origin,lastEventId,source,ports,initMessageEvent',
]));

test.serial("events of Node's own ports are still MessageEvents", (t) => run(t, `
  const { MessageChannel: NodeMessageChannel } = require('node:worker_threads');
  const NodeMessageEvent = MessageEvent;
  require('message-channel-main/global');
  class Mine extends MessageEvent {}
  const node = new NodeMessageChannel();
  const ours = new MessageChannel();
  const say = (event) => console.log(event instanceof MessageEvent, event instanceof NodeMessageEvent, event instanceof Mine);
  node.port1.onmessage = (event) => { say(event); node.port1.close(); };
  node.port2.postMessage(1);
  node.port1.on('close', () => {
    ours.port1.onmessage = (event) => { say(event); ours.port1.close(); };
    ours.port2.postMessage(1);
  });
  console.log(new Mine('x') instanceof Mine, new Mine('x') instanceof MessageEvent);
`, ['true true', 'true true false', 'true true false']));

test.serial("Node's own structuredClone, fetch and timers do not mind", (t) => run(t, `
  require('message-channel-main/global');
  console.log(structuredClone(new Map([[1, 2]])).get(1));
  new Response('body').clone().text().then(console.log);
`, ['2', 'body']));
