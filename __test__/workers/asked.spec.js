// What a Worker says of its worker: heap, processor time, how busy it is; in a process it is the worker that answers.
const { once } = require('node:events');
const { text } = require('node:stream/consumers');
const { setTimeout: pause } = require('node:timers/promises');
const nodes = require('node:worker_threads');
const { rule, exitOf, NODE } = require('./rig.js');

/** What Node 22 wants to have given to startCpuProfile(). */
const NAMED = NODE < 24 ? ['a name'] : [];

/** A rule of a method that not every version of Node has. */
const ruleOf = (name, title, play) => {
  if (name in nodes.Worker.prototype) rule(title, play);
};

const QUESTIONS = ['getHeapSnapshot', 'getHeapStatistics', 'cpuUsage', 'startCpuProfile', 'startHeapProfile'].filter((name) => name in nodes.Worker.prototype);

const IDLE = "wt.parentPort.on('message', () => process.exit());";

rule("getHeapSnapshot() is a stream of the worker's heap", async (t, { begin }) => {
  const worker = begin(`class OnlyInThisHeap {} globalThis.held = new OnlyInThisHeap(); ${IDLE} wt.parentPort.postMessage('begun');`);
  await once(worker, 'message');
  const stream = await worker.getHeapSnapshot();
  const { snapshot, strings } = JSON.parse(await text(stream));
  t.true(snapshot.node_count > 1000);
  t.true(strings.includes('OnlyInThisHeap'));
  await worker.terminate();
});

rule('getHeapSnapshot() throws at once what is wrong with its options', async (t, { begin }) => {
  const worker = begin('');
  for (const options of [5, null, { exposeInternals: 1 }, { exposeNumericValues: 'yes' }]) {
    t.throws(() => worker.getHeapSnapshot(options), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  }
  await exitOf(worker);
});

ruleOf('getHeapStatistics', 'getHeapStatistics() has numbers', async (t, { begin }) => {
  const worker = begin(IDLE);
  await once(worker, 'online');
  const told = await worker.getHeapStatistics();
  for (const name of ['total_heap_size', 'used_heap_size', 'heap_size_limit', 'external_memory']) t.true(told[name] > 0, name);
  t.true(told.used_heap_size <= told.total_heap_size);
  t.is(Object.getPrototypeOf(told), null);
  await worker.terminate();
});

ruleOf('cpuUsage', 'cpuUsage() counts what the worker has used, or has used since', async (t, { begin }) => {
  // As long as it takes on the clock: other programs may have the processor for most of that.
  const worker = begin(`
    const used = () => { const { user, system } = process.threadCpuUsage(); return user + system; };
    wt.parentPort.on('message', () => { for (const end = used() + 50_000; used() < end;); wt.parentPort.postMessage('done'); });
  `);
  await once(worker, 'online');
  const before = await worker.cpuUsage();
  worker.postMessage('spin');
  await once(worker, 'message');
  const since = await worker.cpuUsage(before);
  t.deepEqual(Object.keys(since).sort(), ['system', 'user']);
  t.true(since.user + since.system >= 50_000, JSON.stringify(since));
  t.throws(() => worker.cpuUsage(5), { code: 'ERR_INVALID_ARG_TYPE' });
  await worker.terminate();
});

for (const [name, key] of [['startCpuProfile', 'nodes'], ['startHeapProfile', 'head']]) {
  ruleOf(name, `${name}() begins a profile, which stop() gives as JSON, once`, async (t, { begin }) => {
    const worker = begin("wt.parentPort.on('message', () => { const held = []; for (let i = 0; i < 1e5; i++) held.push({ i }); wt.parentPort.postMessage(held.length); });");
    await once(worker, 'online');
    const handle = await worker[name](...NAMED);
    worker.postMessage('work');
    await once(worker, 'message');
    const profile = await handle.stop();
    t.true(key in JSON.parse(profile));
    t.is(await handle.stop(), profile);
    await worker.terminate();
  });
}

if (NODE >= 26) {
  rule('startCpuProfile() and startHeapProfile() do as their options say, and look at nothing else in there', async (t, { begin }) => {
    const worker = begin(`
      const deep = (left) => (left === 0 ? Array.from({ length: 1e5 }, (_, i) => ({ i })) : [deep(left - 1)]);
      wt.parentPort.on('message', () => { globalThis.held = deep(10); for (const end = Date.now() + 50; Date.now() < end;); wt.parentPort.postMessage('done'); });
    `);
    await once(worker, 'online');
    const other = () => {};
    const cpu = await worker.startCpuProfile({ sampleInterval: 0.1, maxBufferSize: 2, other });
    const heap = await worker.startHeapProfile({ sampleInterval: 1024, stackDepth: 2, other });
    worker.postMessage('work');
    await once(worker, 'message');
    const depth = ({ children }) => 1 + Math.max(0, ...children.map(depth));
    t.is(JSON.parse(await cpu.stop()).samples.length, 2);
    t.is(depth(JSON.parse(await heap.stop()).head), 3); // below the root
    await worker.terminate();
  });
}

ruleOf('startHeapProfile', 'of two heap profiles that are begun at once one is refused, and none when the other has ended', async (t, { begin }) => {
  const worker = begin(IDLE);
  await once(worker, 'online');
  const [{ value }, { reason }] = await Promise.allSettled([worker.startHeapProfile(), worker.startHeapProfile()]);
  t.is(reason.code, 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED');
  await value.stop();
  await (await worker.startHeapProfile()).stop();
  await worker.terminate();
});

rule('performance.eventLoopUtilization() tells idle from busy, and the difference to before', async (t, { begin }) => {
  // Busy for a while, and not by the clock alone: who waits for a processor is idle.
  const worker = begin(`
    const used = (since) => Object.values(process.cpuUsage(since)).reduce((a, b) => a + b);
    wt.parentPort.on('message', () => {
      const begun = process.cpuUsage();
      for (const end = Date.now() + 100; Date.now() < end || used(begun) < 50_000;);
      wt.parentPort.postMessage('done');
    });
    wt.parentPort.postMessage('ready');
  `);
  const { eventLoopUtilization } = worker.performance;
  t.deepEqual(eventLoopUtilization(), { idle: 0, active: 0, utilization: 0 }, 'before its loop has begun');
  await once(worker, 'message');
  const idle = eventLoopUtilization();
  await pause(50);
  const rest = eventLoopUtilization(idle);
  t.true(rest.idle + rest.active >= 45, JSON.stringify(rest));
  const { now } = performance;
  performance.now = () => 0;
  const stopped = eventLoopUtilization();
  performance.now = now;
  t.true(stopped.idle + stopped.active > 0, 'where a test has stopped the clock');
  const before = eventLoopUtilization();
  worker.postMessage('spin');
  await once(worker, 'message');
  const spin = eventLoopUtilization(before);
  t.true(spin.active > 10 && spin.active >= spin.utilization && spin.utilization <= 1, JSON.stringify(spin));
  t.deepEqual(eventLoopUtilization(eventLoopUtilization(), before).idle >= 0, true);
  await worker.terminate();
  t.deepEqual(eventLoopUtilization(), { idle: 0, active: 0, utilization: 0 });
});

rule('a worker that has ended is not running: whoever asks is told so', async (t, { begin }) => {
  const worker = begin('');
  await exitOf(worker);
  for (const name of QUESTIONS) {
    await t.throwsAsync(() => worker[name](...(name === 'startCpuProfile' ? NAMED : [])), { code: 'ERR_WORKER_NOT_RUNNING' }, name);
  }
});

ruleOf('startHeapProfile', 'of the heap there is one profile at a time', async (t, { begin }) => {
  const worker = begin(IDLE);
  await once(worker, 'online');
  const first = await worker.startHeapProfile();
  await t.throwsAsync(worker.startHeapProfile(), { code: 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED' });
  await first.stop();
  const second = await worker.startHeapProfile();
  t.true('head' in JSON.parse(await second.stop()));
  worker.postMessage('end');
  await exitOf(worker);
});

rule('a worker that has just been made does not run yet', async (t, { begin }) => {
  const worker = begin(IDLE);
  const online = once(worker, 'online');
  const asked = QUESTIONS.map((name) => worker[name](...(name === 'startCpuProfile' ? NAMED : []))); // in the turn that made it
  for (const told of asked) await t.throwsAsync(told, { code: 'ERR_WORKER_NOT_RUNNING' });
  await online;
  t.true((await text(await worker.getHeapSnapshot())).length > 1000);
  await worker.terminate();
});

rule('a snapshot can be read when the worker has ended', async (t, { begin }) => {
  const worker = begin(`class OnlyInThere {} globalThis.held = new OnlyInThere(); ${IDLE} wt.parentPort.postMessage('begun');`);
  await once(worker, 'message');
  const stream = await worker.getHeapSnapshot();
  await worker.terminate();
  t.true(JSON.parse(await text(stream)).strings.includes('OnlyInThere'));
}, ['process']); // with a thread's some versions of Node crash

ruleOf('cpuUsage', 'what is compared with is looked at first, also when nobody is there to be asked', async (t, { begin }) => {
  const worker = begin('');
  await exitOf(worker);
  const wrong = {
    ERR_INVALID_ARG_TYPE: [5, 'text', [], {}, { user: 1 }, { user: 1, system: 'x' }],
    ERR_OUT_OF_RANGE: [{ user: -1, system: 0 }, { user: 0, system: NaN }, { user: Infinity, system: 0 }, { user: 1e20, system: 0 }],
  };
  for (const [code, values] of Object.entries(wrong)) for (const value of values) t.throws(() => worker.cpuUsage(value), { code, message: /"prev/ });
  for (const nothing of [undefined, null, 0, '']) await t.throwsAsync(worker.cpuUsage(nothing), { code: 'ERR_WORKER_NOT_RUNNING' });
});

rule('who asks a worker that ends before it answers is told that it is not running', async (t, { begin }) => {
  const worker = begin("wt.parentPort.postMessage('spinning'); for (;;);");
  await once(worker, 'message');
  const asked = worker.getHeapSnapshot();
  await Promise.all([t.throwsAsync(asked, { code: 'ERR_WORKER_NOT_RUNNING' }), worker.terminate()]);
}, ['process']); // a thread is interrupted for its answer
