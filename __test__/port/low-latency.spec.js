// Low-latency mode: a thread looks for messages before it sleeps, if it was asked to, for a while, and with all else alive.
const { once } = require('node:events');
const net = require('node:net');
const { performance } = require('node:perf_hooks');
const { setTimeout: pause } = require('node:timers/promises');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');
const { MessageChannel, MessageChannelMain, Worker, receiveMessageOnPort, utilityProcess, webContents } = require('../../index.js');

/** How often the loop has come round since the process began. */
const turns = () => performance.nodeTiming.uvMetricsInfo.loopCount;

/** How often the loop comes round in 20 ms in which nothing happens. */
async function turnsOfSilence() {
  const before = turns();
  await pause(20);
  return turns() - before;
}

/** A port whose other end, in that place, answers every message with it. */
async function echo(t, place) {
  const { port1, port2 } = new MessageChannelMain();
  place.postMessage(null, [port2]);
  t.teardown(async () => {
    port1.close();
    await once(place, 'exit');
  });
  port1.start();
  const ask = async (question) => {
    port1.postMessage(question);
    const [{ data }] = await once(port1, 'message');
    t.is(data, question);
  };
  await ask('are you there?');
  return { port: port1, ask };
}

const places = {
  'a thread': () => new Worker(fixture('port-echo.js')),
  'a process': () => utilityProcess.fork(fixture('port-echo.js')),
};

for (const [name, place] of Object.entries(places)) {
  test.serial(`by default a loop sleeps as soon as it has nothing to do: the other end in ${name}`, async (t) => {
    const { ask } = await echo(t, place());
    for (let i = 0; i < 100; i++) await ask(i);
    t.true(await turnsOfSilence() < 20);
  });

  test.serial(`a loop in low-latency mode looks for the next message, and sleeps when none comes: the other end in ${name}`, async (t) => {
    t.timeout(30_000);
    const { port, ask } = await echo(t, place());
    t.is(port.setLowLatency(), port);
    // On a busy machine answers may come too late for it to look at all: until one does not.
    let most = 0;
    while (most < 20) {
      for (let i = 0; i < 100; i++) await ask(i);
      most = Math.max(most, await turnsOfSilence());
    }
    t.true(await turnsOfSilence() < 20, 'it sleeps');
    port.setLowLatency(false);
    for (let i = 0; i < 100; i++) await ask(i);
    t.true(await turnsOfSilence() < 20, 'asked no more');
  });
}

test.serial('timers and sockets are served while a loop looks for messages', async (t) => {
  const { port, ask } = await echo(t, places['a thread']());
  port.setLowLatency();
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0);
  await once(server, 'listening');
  const socket = net.connect(/** @type {net.AddressInfo} */ (server.address()).port);
  let [beats, bytes, over] = [0, 0, false];
  const timer = setInterval(() => {
    beats++;
    socket.write('x');
  }, 1);
  socket.on('data', ({ length }) => { bytes += length; });
  const talk = (async () => {
    for (let i = 0; !over; i++) await ask(i);
  })();
  while (beats < 20 || bytes < 20) await pause(1);
  over = true;
  await talk;
  clearInterval(timer);
  socket.end(); // what is still on its way is echoed and read
  server.close();
  await once(server, 'close');
  t.pass();
});

for (const [name, begin] of Object.entries({
  'a thread': (env) => webContents.fromWorker(new Worker(fixture('asks-both-ways.js'), { env })),
  'a process': (env) => webContents.fromProcess(utilityProcess.fork(fixture('asks-both-ways.js'), [], { env })),
})) {
  test.serial(`who blocks while it was looking for messages is woken for them: ${name}`, async (t) => {
    t.timeout(30_000);
    const contents = begin({ ...process.env, MESSAGE_PORTS_LOW_LATENCY: '1' });
    contents.ipc.handle('next', (_, i) => i + 1);
    contents.ipc.on('next', (event, i) => { event.returnValue = i + 1; });
    const [, last] = await new Promise((resolve) => { contents.ipc.once('last', (...args) => resolve(args)); });
    t.is(last, 400);
    await once(contents, 'destroyed');
  });
}

test.serial('it ends with the port, does not travel, and means nothing to a closed one', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.is(port1.setLowLatency(true), port1);
  const { port1: a, port2: b } = new MessageChannelMain();
  a.postMessage(null, [port1]);
  const { ports: [moved] } = receiveMessageOnPort(b);
  moved.setLowLatency();
  moved.close();
  moved.setLowLatency();
  port2.close();
  a.close();
  await pause(1);
  t.true(await turnsOfSilence() < 20);
});

test.serial('it keeps no program alive, by the environment neither', async (t) => {
  t.timeout(20_000);
  const source = `
    const { port1, port2 } = new MessageChannelMain();
    port1.setLowLatency();
    port2.on('message', () => {}).unref();
    port2.start();
    port1.postMessage(1);
    process.on('exit', () => console.log('exits'));`;
  await prints(t, source, ['exits']);
  await prints(t, source, ['exits'], { env: { MESSAGE_PORTS_LOW_LATENCY: '1' } });
});
