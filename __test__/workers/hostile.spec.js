// A worker's process may be anybody's by now: what it says of itself costs nobody but it anything.
const { once } = require('node:events');
const nodes = require('node:worker_threads');
const { BroadcastChannel, MessageChannel, Worker, postMessageToThread, receiveMessageOnPort } = require('../../worker_threads.js');
const { serve } = require('../../lib/workers/locks/arbiter.js');
const { test, fixture } = require('../helpers/test.js');

const PROCESSES = 2 ** 22;

/** A worker in a process that is hostile. */
function hostile(t, job, about) {
  const worker = new Worker(fixture('hostile-worker.js'), { process: true, workerData: { job, about } });
  t.teardown(() => worker.terminate());
  return worker;
}

/** One beside it that is not. */
async function sibling(t, source) {
  const worker = new Worker(`const wt = require('node:worker_threads'); ${source}; setInterval(() => {}, 60_000); wt.parentPort.postMessage('here')`, { eval: true, process: true });
  t.teardown(() => worker.terminate());
  await once(worker, 'message');
  return worker;
}

for (const [what, expected] of [
  ['a text that is none', (error) => typeof error === 'string'],
  ['a symbol that is none', (error) => typeof error === 'symbol'],
  ['buffers without end', (error) => error.message === 'of a peer'],
  ['the same lists again and again', (error) => error.code === 'ERR_MESSAGE_MALFORMED'],
]) {
  test.serial(`it has died of ${what}: that is an 'error' like any other, and soon there`, async (t) => {
    t.timeout(20_000);
    const worker = hostile(t, what);
    const exit = new Promise((resolve) => { worker.once('exit', resolve); });
    const before = process.cpuUsage();
    t.true(expected(await new Promise((resolve) => { worker.once('error', resolve); })));
    t.true(process.cpuUsage(before).user < 4_000_000);
    t.is(await exit, 0);
  });
}

test.serial('what the threads of a process say to each other nobody says from outside: a sibling goes on', async (t) => {
  t.timeout(30_000);
  const thread = new Worker('setInterval(() => {}, 60_000)', { eval: true, process: false });
  await once(thread, 'online');
  const other = await sibling(t, "new wt.BroadcastChannel('behind it').onmessage = ({ data }) => wt.parentPort.postMessage(data)");
  const channel = new BroadcastChannel('behind it');
  const here = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });
  const there = Promise.race([once(other, 'message'), once(other, 'exit')]);
  hostile(t, 'broadcasts among threads');
  t.is(await here, 'behind it');
  channel.close();
  t.deepEqual(await there, ['behind it']);
  await thread.terminate();
});

/** What arrives in this thread. */
const heard = (t) => {
  const values = [];
  let tell;
  const listener = (value, source) => { values.push([value, source]); if (value === 'behind it') tell(); };
  const whole = new Promise((resolve) => { tell = resolve; });
  process.on('workerMessage', listener);
  t.teardown(() => process.off('workerMessage', listener));
  return { values, whole };
};

test.serial('it says in the name of nobody else what a thread is to hear, and what cannot be read is not heard', async (t) => {
  t.timeout(20_000);
  const other = await sibling(t, '');
  const { values, whole } = heard(t);
  const worker = hostile(t, 'messages to threads', other.threadId);
  await whole;
  t.deepEqual(values, [['behind it', worker.threadId]]);
});

if (postMessageToThread !== undefined) {
  test.serial('it gets no message that is for another process', async (t) => {
    t.timeout(20_000);
    const other = await sibling(t, "process.on('workerMessage', (value) => wt.parentPort.postMessage(value))");
    const { whole } = heard(t);
    const worker = hostile(t, 'the processes of others', other.threadId - PROCESSES);
    worker.on('message', (message) => t.fail(message));
    await whole;
    const [[message]] = await Promise.all([once(other, 'message'), postMessageToThread(other.threadId, 'for it alone')]);
    t.is(message, 'for it alone');
  });
}

test.serial('its line for locks answers what is in order, and nothing else', async (t) => {
  t.timeout(20_000);
  t.deepEqual(await once(hostile(t, 'a line'), 'message'), ['behind it']);
});

if ('locks' in nodes) {
  test.serial('who asks of many locks again and again, and reads no answer, loses its line', async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new MessageChannel();
    serve(port2, 0);
    const closed = once(port2, 'close');
    for (let id = 1; id <= 2000; id++) port1.postMessage({ type: 'request', id, name: 'of a peer' });
    for (let id = 1; id <= 2000; id++) port1.postMessage({ type: 'query', id });
    await closed;
    let told = 0;
    for (let received; (received = receiveMessageOnPort(port1)) !== undefined;) if (received.message.type === 'state') told += 1;
    t.true(told > 0 && told < 1000, `${told}`);
    port1.close();
  });
}

for (const method of ['getHeapSnapshot', 'getHeapStatistics', 'cpuUsage']) {
  if (!(method in nodes.Worker.prototype)) continue;
  for (const about of [{ error: 5, code: 'CODE' }, { error: null, code: 'CODE' }, { error: 'text' }, { value: null }, {}]) {
    test.serial(`${method}() is answered ${JSON.stringify(about)}: it rejects, and says so`, async (t) => {
      t.timeout(20_000);
      const worker = hostile(t, 'answers', about);
      await once(worker, 'online');
      await t.throwsAsync(worker[method](), { code: 'ERR_MESSAGE_MALFORMED' });
    });
  }
}

test.serial('getHeapSnapshot() is answered a list without end: it rejects, and says so', async (t) => {
  t.timeout(20_000);
  const worker = hostile(t, 'answers', 'a list without end');
  await once(worker, 'online');
  await t.throwsAsync(worker.getHeapSnapshot(), { code: 'ERR_MESSAGE_MALFORMED' });
});
