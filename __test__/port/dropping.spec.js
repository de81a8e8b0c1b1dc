// Ports that nobody holds any more: collected, and the peer gets 'close'; those that still have work to do are kept.
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const run = (t, source, lines) => {
  t.timeout(20_000);
  return prints(t, `${collecting}\n(async () => {\n${source}\n})();`, lines, { node: ['--expose-gc'] });
};

for (const [title, setup] of [
  ['unstarted', ''],
  ['unstarted, with a listener', "port2.on('message', () => {});"],
  ["whose 'close' listener has gone", "port2.once('close', () => {}); port2.removeAllListeners();"],
  ['started, without listeners', 'port2.start();'],
  ['started, without listeners any more', "const f = () => {}; port2.on('message', f); port2.start(); port2.off('message', f);"],
  ['with unread messages', 'for (let i = 0; i < 100; i++) port1.postMessage(i);'],
]) {
  test.serial(`a port that nobody holds is collected, and its peer gets 'close': ${title}`, (t) => run(t, `
    let closed = false;
    const port1 = (() => {
      const { port1, port2 } = new MessageChannelMain();
      ${setup}
      return port1;
    })();
    port1.on('close', () => { closed = true; });
    console.log(await collect(() => closed));
  `, ['true']));
}

test.serial('a channel that nobody holds at all leaves nothing', (t) => run(t, `
  let left = 1000;
  globalThis.registry = new FinalizationRegistry(() => { left--; }); // one that is collected itself calls nobody
  (() => {
    for (let i = 0; i < 1000; i++) {
      const { port1 } = new MessageChannelMain();
      port1.postMessage({ some: 'message' });
      registry.register(port1);
    }
  })();
  console.log(await collect(() => left === 0));
`, ['true']));

test.serial('each is collected or stays by itself, whatever becomes of the ports that were made with it', (t) => run(t, `
  const kept = [];
  let told = 0;
  const tell = () => { told++; }; // made out here: a closure made beside port2 would hold it
  const peers = (() => Array.from({ length: 400 }, (_, i) => {
    const { port1, port2 } = new MessageChannelMain();
    if (i % 4 === 0) port2.close();
    if (i % 4 === 1) setImmediate(() => port2.close());
    if (i % 4 === 2) kept.push(port2);
    return port1.on('close', tell);
  }))();
  console.log(await collect(() => told === 300));
  await outlive();
  console.log(told, kept.length, peers.length);
`, ['true', '300 100 400']));

test.serial('a started port with a listener is kept while its peer lives', (t) => run(t, `
  const seen = [];
  const port1 = (() => {
    const { port1, port2 } = new MessageChannelMain();
    port2.on('message', ({ data }) => seen.push(data));
    port2.start();
    return port1;
  })();
  await outlive();
  port1.postMessage('still there');
  await collect(() => seen.length > 0);
  console.log(seen[0], port1.closed);
  port1.close();
`, ['still there false']));

test.serial('a port in a discarded event is collected', (t) => run(t, `
  const { port1, port2 } = new MessageChannelMain();
  let closed = false;
  const kept = (() => {
    const channel = new MessageChannelMain();
    port1.postMessage('take it', [channel.port2]);
    channel.port1.on('close', () => { closed = true; });
    return channel.port1;
  })();
  port2.on('message', () => {});
  port2.start();
  console.log(await collect(() => closed));
  console.log(kept.closed);
  port2.close();
`, ['true', 'true']));

for (const [title, wait, close] of [
  ['unstarted', "once(port2, 'close')", 'port1.close()'],
  ['of the web face', "once(MessagePort.from(port2), 'close')", 'port1.close()'],
  ['whose peer is collected', "once(port2, 'close')", ''],
]) {
  test.serial(`who waits for 'close' is told, whoever holds the port: ${title}`, (t) => run(t, `
    const { once } = require('node:events');
    const { MessagePort } = require('./index.js');
    let told = false;
    const port1 = (() => {
      const { port1, port2 } = new MessageChannelMain();
      void ${wait}.then(() => { told = true; });
      return ${close ? 'port1' : '0'};
    })();
    await outlive();
    ${close};
    console.log(await collect(() => told));
  `, ['true']));
}

test.serial("a port dropped in a child: its peer gets 'close'", (t) => run(t, `
  const child = utilityProcess.fork(${JSON.stringify(fixture('drop.js'))});
  const { port1, port2 } = new MessageChannelMain();
  port1.on('close', () => {
    console.log('close');
    child.postMessage('go');
  });
  child.postMessage('drop this', [port2]);
  await new Promise((resolve) => child.on('exit', resolve));
`, ['close']));

test.serial('a queued port whose carrier is dropped closes', (t) => run(t, `
  let closed = false;
  const kept = (() => {
    const { port1, port2 } = new MessageChannelMain();
    const carrier = new MessageChannelMain();
    carrier.port1.postMessage('never read', [port2]);
    port1.on('close', () => { closed = true; });
    return port1;
  })();
  console.log(await collect(() => closed));
  console.log(kept.closed);
`, ['true', 'true']));
