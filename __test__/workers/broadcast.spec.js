// BroadcastChannel reaches every thread of a family, in whatever process, and nobody twice.
const { once } = require('node:events');
const { rule, exitOf, PRELUDE } = require('./rig.js');

/** Tells its parent what it hears on the channel, and ends at 'end'. */
const LISTENER = `
  const channel = new wt.BroadcastChannel(wt.workerData);
  channel.onmessage = ({ data }) => { wt.parentPort.postMessage(data); if (data === 'end') channel.close(); };
  wt.parentPort.postMessage('ready');
`;

let count = 0;
const fresh = () => `channel ${count++}`;

const heard = (channel) => new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });

rule('a worker and its parent hear each other, and nobody itself', async (t, { begin, BroadcastChannel }) => {
  const name = fresh();
  const channel = new BroadcastChannel(name);
  t.teardown(() => channel.close());
  const first = heard(channel);
  const worker = begin(`
    const channel = new wt.BroadcastChannel(wt.workerData);
    const told = [];
    channel.onmessage = ({ data }) => { told.push(data); if (data === 'end') { wt.parentPort.postMessage(told); channel.close(); } };
    channel.postMessage({ from: 'worker' });
  `, { workerData: name });
  t.deepEqual(await first, { from: 'worker' });
  channel.onmessage = () => t.fail('it hears itself');
  for (const message of ['one', 'two', 'end']) channel.postMessage(message);
  t.deepEqual(await once(worker, 'message'), [['one', 'two', 'end']]);
  t.is(await exitOf(worker), 0);
});

rule('workers hear each other by way of a parent that has no such channel', async (t, { begin }) => {
  const name = fresh();
  const listeners = [begin(LISTENER, { workerData: name }), begin(LISTENER, { workerData: name })];
  await Promise.all(listeners.map((worker) => once(worker, 'message')));
  const told = listeners.map((worker) => once(worker, 'message'));
  const speaker = begin("const channel = new wt.BroadcastChannel(wt.workerData); channel.postMessage('end'); channel.close();", { workerData: name });
  t.deepEqual(await Promise.all(told), [['end'], ['end']]);
  await Promise.all([...listeners, speaker].map(exitOf));
});

rule('a getter of a message runs once, whoever hears it', async (t, { begin, BroadcastChannel }) => {
  const name = fresh();
  const listeners = [begin(LISTENER, { workerData: name }), begin(LISTENER, { workerData: name })];
  await Promise.all(listeners.map((worker) => once(worker, 'message')));
  const [here, there] = [new BroadcastChannel(name), new BroadcastChannel(name)];
  const told = [...listeners.map(async (worker) => (await once(worker, 'message'))[0]), heard(there)];
  let runs = 0;
  here.postMessage({ get run() { return ++runs; } });
  t.deepEqual(await Promise.all(told), [{ run: 1 }, { run: 1 }, { run: 1 }]);
  t.is(runs, 1);
  here.postMessage('end');
  for (const channel of [here, there]) channel.close();
  await Promise.all(listeners.map(exitOf));
});

/** What Node makes of classes of its own, and its channels carry to one other only. */
const HOSTS = "[new Blob(['four']), require('node:crypto').createSecretKey(Buffer.from('four')), new (require('node:net').SocketAddress)({ port: 4 })]";

/** Says of each what it is, or 'end'. */
const HOSTS_LISTENER = `
  const channel = new wt.BroadcastChannel(wt.workerData);
  const told = [];
  channel.onmessage = ({ data }) => {
    if (data !== 'end') return void told.push(data.map((each) => each.size ?? each.symmetricKeySize ?? each.port));
    wt.parentPort.postMessage(told);
    channel.close();
  };
  wt.parentPort.postMessage('ready');
`;

const twenty = Array(20).fill([4, 4, 4]);

rule('Blobs, keys and addresses reach who listens, many at once, whatever other threads broadcast', async (t, { begin, BroadcastChannel }) => {
  const name = fresh();
  const listener = begin(HOSTS_LISTENER, { workerData: name });
  const others = [1, 2].map(() => begin(`
    const channel = new wt.BroadcastChannel(wt.workerData);
    channel.postMessage('here');
    wt.parentPort.once('message', () => channel.close());
    wt.parentPort.postMessage('ready');
  `, { workerData: fresh() }));
  await Promise.all([listener, ...others].map((worker) => once(worker, 'message')));
  const told = once(listener, 'message');
  const channel = new BroadcastChannel(name);
  const make = new Function('require', `return ${HOSTS}`);
  for (let i = 0; i < 20; i++) channel.postMessage(make(require));
  channel.postMessage('end');
  channel.close();
  t.deepEqual(await told, [twenty]);
  for (const other of others) other.postMessage('end');
  await Promise.all([listener, ...others].map(exitOf));
});

rule('they reach another process from one thread of several', async (t, { begin }) => {
  const name = fresh();
  const listener = begin(HOSTS_LISTENER, { workerData: name });
  const other = begin("const channel = new wt.BroadcastChannel('other'); channel.postMessage(0); wt.parentPort.once('message', () => channel.close()); wt.parentPort.postMessage('ready');", { process: false });
  await Promise.all([listener, other].map((worker) => once(worker, 'message')));
  const told = once(listener, 'message');
  const speaker = begin(`
    const channel = new wt.BroadcastChannel(wt.workerData);
    for (let i = 0; i < 20; i++) channel.postMessage(${HOSTS});
    channel.postMessage('end');
    channel.close();
  `, { workerData: name, process: false });
  t.deepEqual(await told, [twenty]);
  other.postMessage('end');
  await Promise.all([listener, other, speaker].map(exitOf));
}, ['process']);

rule('another name is not heard', async (t, { begin, BroadcastChannel }) => {
  const name = fresh();
  const worker = begin(LISTENER, { workerData: name });
  await once(worker, 'message');
  const [other, same] = [new BroadcastChannel(`not ${name}`), new BroadcastChannel(name)];
  const told = once(worker, 'message');
  other.postMessage('not for it');
  same.postMessage('end');
  t.deepEqual(await told, ['end']);
  for (const channel of [other, same]) channel.close();
  await exitOf(worker);
});

rule("workers of workers hear everybody, and everybody hears them, once", async (t, { begin, BroadcastChannel, options }) => {
  const name = fresh();
  const inner = `${PRELUDE}
    const channel = new wt.BroadcastChannel(wt.workerData);
    const told = [];
    channel.onmessage = ({ data }) => { told.push(data); if (data === 'end') { wt.parentPort.postMessage(told); channel.close(); } };
    channel.postMessage('from inside');`;
  const channel = new BroadcastChannel(name);
  t.teardown(() => channel.close());
  // One in a process of its own, and one in a thread, of a worker that has no such channel.
  for (const kind of [options, { ...options, process: false }]) {
    const first = heard(channel);
    const worker = begin(`new wt.Worker(${JSON.stringify(inner)}, { eval: true, workerData: wt.workerData, ...${JSON.stringify(kind)} }).on('message', (told) => wt.parentPort.postMessage(told));`, { workerData: name });
    t.is(await first, 'from inside');
    let times = 0;
    channel.onmessage = () => { times += 1; };
    for (const message of ['begin', 'end']) channel.postMessage(message);
    const [told] = await once(worker, 'message');
    t.deepEqual(told.filter((text) => text !== 'from inside'), ['begin', 'end']);
    t.true(times <= 1, 'what the second says of itself');
    await exitOf(worker);
  }
}, ['thread', 'process']);

rule('what cannot leave its process reaches who is in it', async (t, { BroadcastChannel, begin }) => {
  const name = fresh();
  const worker = begin(LISTENER, { workerData: name });
  await once(worker, 'message');
  const [one, other] = [new BroadcastChannel(name), new BroadcastChannel(name)];
  const told = heard(other);
  const warning = once(process, 'warning');
  one.postMessage(new SharedArrayBuffer(4));
  t.true((await told) instanceof SharedArrayBuffer);
  t.is((await warning)[0].code, 'MESSAGE_PORT_LOST');
  const last = once(worker, 'message');
  one.postMessage('end');
  t.deepEqual(await last, ['end']);
  for (const channel of [one, other]) channel.close();
  await exitOf(worker);
}, ['process']);

rule('it is Node\'s class: names, errors, inspection and receiveMessageOnPort are as there', (t, { BroadcastChannel, receiveMessageOnPort }) => {
  const name = fresh();
  const [one, other] = [new BroadcastChannel(name), new BroadcastChannel(name)];
  t.is(one.name, name);
  t.is(BroadcastChannel.name, 'BroadcastChannel');
  t.throws(() => new BroadcastChannel(), { code: 'ERR_MISSING_ARGS' });
  t.throws(() => one.postMessage(), { code: 'ERR_MISSING_ARGS' });
  one.postMessage('sync');
  t.deepEqual(receiveMessageOnPort(other), { message: 'sync' });
  t.is(receiveMessageOnPort(other), undefined);
  one.close();
  t.throws(() => one.postMessage(1), { any: true, name: 'InvalidStateError' });
  t.regex(require('node:util').inspect(one), /^BroadcastChannel \{ name: 'channel \d+', active: false \}$/);
  t.throws(() => BroadcastChannel.prototype.postMessage.call({}, 1), { code: 'ERR_INVALID_THIS' });
  other.close();
}, ["Node's own", 'thread']);
