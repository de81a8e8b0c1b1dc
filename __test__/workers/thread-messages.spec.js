// postMessageToThread reaches any thread of a family by its threadId, with ports, and says what became of the message.
const { once } = require('node:events');
const nodes = require('node:worker_threads');
const { rule, exitOf, KINDS } = require('./rig.js');

/** Node 20 has it since 20.19. */
const kinds = 'postMessageToThread' in nodes ? Object.keys(KINDS) : [];

const LISTENER = "process.on('workerMessage', (value, source) => wt.parentPort.postMessage([value, source])); wt.parentPort.on('message', () => process.exit()); wt.parentPort.postMessage('ready');";

rule('a worker hears it, with its source; the promise is fulfilled when it has', async (t, { begin, postMessageToThread, threadId }) => {
  const worker = begin(LISTENER);
  await once(worker, 'message');
  const told = once(worker, 'message');
  t.is(await postMessageToThread(worker.threadId, { a: [1] }), undefined);
  t.deepEqual(await told, [[{ a: [1] }, threadId]]);
  worker.postMessage('end');
  await exitOf(worker);
}, kinds);

rule('ports travel along', async (t, { begin, postMessageToThread, MessageChannel }) => {
  const worker = begin("process.on('workerMessage', ({ port }) => { port.postMessage('by the port'); port.close(); }); wt.parentPort.on('message', () => process.exit()); wt.parentPort.postMessage('ready');");
  await once(worker, 'message');
  const { port1, port2 } = new MessageChannel();
  const told = once(port1, 'message');
  await postMessageToThread(worker.threadId, { port: port2 }, [port2]);
  t.deepEqual(await told, ['by the port']);
  worker.postMessage('end');
  await exitOf(worker);
}, kinds);

rule('a message is heard however large it is, those of one thread in their order', async (t, { begin, postMessageToThread }) => {
  const worker = begin("process.on('workerMessage', ({ at, bytes }) => wt.parentPort.postMessage([at, bytes.byteLength])); wt.parentPort.on('message', () => process.exit()); wt.parentPort.postMessage('ready');");
  await once(worker, 'message');
  const heard = [];
  worker.on('message', (told) => heard.push(told));
  const sizes = [10, 300_000, 20_000_000, 10, 5_000_000, 0];
  await Promise.all(sizes.map((size, at) => postMessageToThread(worker.threadId, { at, bytes: new Uint8Array(size) })));
  worker.postMessage('end');
  await exitOf(worker);
  t.deepEqual(heard, sizes.map((size, at) => [at, size]));
}, kinds);

rule('who ends while a large message comes to it, or while it sends one, leaves nobody waiting', async (t, { begin, postMessageToThread, threadId }) => {
  const busy = begin("process.on('workerMessage', () => {}); wt.parentPort.postMessage('ready'); for (;;);");
  await once(busy, 'message');
  const failed = t.throwsAsync(postMessageToThread(busy.threadId, new Uint8Array(20_000_000)), { code: 'ERR_WORKER_MESSAGING_FAILED' });
  await Promise.all([failed, busy.terminate()]);
  const sender = begin("wt.postMessageToThread(wt.workerData, new Uint8Array(20_000_000)).catch(() => {}); process.exit();", { workerData: threadId });
  await exitOf(sender);
}, kinds.filter((kind) => kind === 'process'));

rule('the main thread hears a worker, and answers it by its source; workers hear each other', async (t, { begin, postMessageToThread, threadId }) => {
  const heard = once(process, 'workerMessage');
  const one = begin(`${LISTENER} wt.postMessageToThread(wt.workerData, 'to the main thread');`, { workerData: threadId });
  await once(one, 'message');
  const [value, source] = await heard;
  t.deepEqual([value, source], ['to the main thread', one.threadId]);
  const answered = once(one, 'message');
  await postMessageToThread(source, 'the answer');
  t.deepEqual(await answered, [['the answer', threadId]]);
  const told = once(one, 'message');
  const other = begin("const hold = setInterval(() => {}, 1000); wt.postMessageToThread(wt.workerData, 'from another').then(() => { wt.parentPort.postMessage('done'); clearInterval(hold); })", { workerData: one.threadId });
  const { threadId: id } = other;
  t.deepEqual(await Promise.all([told, once(other, 'message')]), [[['from another', id]], ['done']]);
  one.postMessage('end');
  await Promise.all([one, other].map(exitOf));
}, kinds);

rule('workers of workers are reached, in whatever process', async (t, { begin, postMessageToThread, threadId, options }) => {
  for (const kind of [options, { ...options, process: false }]) {
    const inner = `const wt = require('node:worker_threads'); process.once('workerMessage', (value, source) => { wt.parentPort.postMessage([value, source]); wt.parentPort.close(); }); wt.parentPort.on('message', () => {}); wt.parentPort.postMessage('ready');`;
    const worker = begin(`
      const inner = new wt.Worker(${JSON.stringify(inner)}, { eval: true, ...${JSON.stringify(kind)} });
      inner.on('message', (told) => wt.parentPort.postMessage(told === 'ready' ? inner.threadId : told));
    `);
    const [id] = await once(worker, 'message');
    const told = once(worker, 'message');
    await postMessageToThread(id, 'deep');
    t.deepEqual(await told, [['deep', threadId]]);
    await exitOf(worker);
  }
}, kinds.filter((kind) => kind !== "Node's own"));

/** What Node says. */
const TEXTS = {
  ERR_WORKER_MESSAGING_FAILED: 'Cannot find the destination thread or listener',
  ERR_WORKER_MESSAGING_ERRORED: 'The destination thread threw an error while processing the message',
  ERR_WORKER_MESSAGING_TIMEOUT: 'Sending a message to another thread timed out',
  ERR_WORKER_MESSAGING_SAME_THREAD: 'Cannot sent a message to the same thread',
};

rule('nobody there, nobody who listens, one who throws, one who does not answer in time, and oneself are errors', async (t, { begin, postMessageToThread, threadId }) => {
  const fails = (code, ...args) => t.throwsAsync(postMessageToThread(...args), { code, ...(code in TEXTS && { message: TEXTS[code] }) });
  const deaf = begin("wt.parentPort.on('message', () => process.exit()); wt.parentPort.postMessage('ready');");
  const throwing = begin("process.on('workerMessage', () => { throw new Error('no') }); wt.parentPort.on('message', () => process.exit()); wt.parentPort.postMessage('ready');");
  const busy = begin("process.on('workerMessage', () => {}); wt.parentPort.postMessage('ready'); for (;;);");
  await Promise.all([deaf, throwing, busy].map((worker) => once(worker, 'message')));
  await fails('ERR_WORKER_MESSAGING_FAILED', 4711, 'nobody');
  await fails('ERR_WORKER_MESSAGING_FAILED', deaf.threadId, 'deaf');
  await fails('ERR_WORKER_MESSAGING_ERRORED', throwing.threadId, 'no');
  await fails('ERR_WORKER_MESSAGING_TIMEOUT', busy.threadId, 'late', 50);
  await fails('ERR_WORKER_MESSAGING_SAME_THREAD', threadId, 'me');
  for (const timeout of ['soon', '5', null, true, {}, 5n]) await fails('ERR_INVALID_ARG_TYPE', deaf.threadId, 'when', [], timeout);
  await t.throwsAsync(postMessageToThread(deaf.threadId, () => {}), { any: true, name: 'DataCloneError', message: '() => {} could not be cloned.' });
  await busy.terminate();
  for (const worker of [deaf, throwing]) worker.postMessage('end');
  await Promise.all([deaf, throwing].map(exitOf));
}, kinds);

rule('the time for an answer may be longer than any timer is, and without end', async (t, { begin, postMessageToThread }) => {
  const worker = begin(`
    process.on('workerMessage', (value) => { if (value === 'last') wt.parentPort.close(); for (const end = Date.now() + 20; Date.now() < end;); });
    wt.parentPort.on('message', () => {});
    wt.parentPort.postMessage('ready');
  `);
  await once(worker, 'message');
  await postMessageToThread(worker.threadId, 'first', [], 2 ** 40);
  await postMessageToThread(worker.threadId, 'last', Infinity);
  t.is(await exitOf(worker), 0);
}, kinds);

rule('a listener of a thread that does not know of us gets no port of ours: the promise is rejected', async (t, { postMessageToThread, MessageChannel }) => {
  const worker = new nodes.Worker("process.on('workerMessage', () => {}); const { parentPort } = require('node:worker_threads'); parentPort.once('message', () => {}); parentPort.postMessage('listens');", { eval: true });
  await once(worker, 'message');
  const { port1, port2 } = new MessageChannel();
  const closed = once(port1, 'close');
  const ended = once(worker, 'exit');
  await t.throwsAsync(postMessageToThread(worker.threadId, port2, [port2]), { code: 'ERR_WORKER_MESSAGING_FAILED' });
  await closed;
  worker.postMessage('end');
  await ended;
}, kinds.filter((kind) => kind === 'thread'));
