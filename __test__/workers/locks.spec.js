// `locks` exclude each other in all threads of all processes of a family, as they do in the threads of one with Node's own; what
// the dead held is given back.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const nodes = require('node:worker_threads');
const { test } = require('../helpers/test.js');
const { rule, exitOf, ended, KINDS, PRELUDE } = require('./rig.js');

/** Node has them since 24.5. */
const kinds = 'locks' in nodes ? Object.keys(KINDS) : [];
/** Of Node's own a terminated thread's locks stay with nobody until the next request. */
const ours = kinds.filter((kind) => kind !== "Node's own");
/** Node does not survive it when one of its threads steals from another. */
const processes = kinds.filter((kind) => kind === 'process');

/** Does what it is told with locks, and tells what becomes of it under the given key. As text it goes to workers. */
function locker(locks, tell) {
  const free = {};
  const controllers = {};
  const settled = (key, promise) => promise.then((value) => tell({ key, settled: value }), ({ name, message }) => tell({ key, failed: `${name}: ${message}` }));
  return ({ take, name = 'a lock', options = {}, abortable, give, value, abort, query }) => {
    if (take !== undefined) {
      if (abortable) options.signal = (controllers[take] = new AbortController()).signal;
      settled(take, locks.request(name, options, (lock) => {
        tell({ key: take, got: lock && [lock.name, lock.mode, String(lock)] });
        return lock && new Promise((resolve) => { free[take] = resolve; });
      }));
    } else if (give !== undefined) free[give](value);
    else if (abort !== undefined) controllers[abort].abort();
    else if (query !== undefined) settled(query, locks.query());
  };
}

/** Waits for what is told under a key, in order for each key. */
function hearing() {
  const heard = [];
  const waiting = [];
  const match = (key, what) => heard.findIndex((said) => said.key === key && what in said);
  return {
    heard,
    tell(said) {
      heard.push(said);
      for (const { key, what, resolve } of [...waiting]) {
        const index = match(key, what);
        if (index < 0) continue;
        waiting.splice(waiting.findIndex((wait) => wait.resolve === resolve), 1);
        resolve(heard.splice(index, 1)[0][what]);
      }
    },
    until: (key, what) => new Promise((resolve) => {
      const index = match(key, what);
      if (index >= 0) resolve(heard.splice(index, 1)[0][what]);
      else waiting.push({ key, what, resolve });
    }),
  };
}

/** Of a worker in a worker; Node's own takes no notice. */
const KINDS_WITHIN = [{ process: false }, { process: true }];

const HELD = ['a lock', 'exclusive', '[object Lock]'];

const LOCKER = `
  const act = (${locker})(wt.locks, (said) => wt.parentPort.postMessage(said));
  wt.parentPort.on('message', (message) => {
    if (message === 'end') process.exit();
    if (message === 'crash') process.kill(process.pid, 'SIGKILL');
    act(message);
  });
  wt.parentPort.postMessage({ key: 'ready', got: [process.pid, wt.threadId] });
`;

/** A worker inside of one, which passes on what it is told and what it says. */
const within = (options) => `
  const inner = new wt.Worker(${JSON.stringify(PRELUDE + LOCKER)}, { eval: true, ...${JSON.stringify(options)} });
  inner.on('message', (said) => wt.parentPort.postMessage(said));
  wt.parentPort.on('message', async (message) => {
    if (message === 'terminate') wt.parentPort.postMessage({ key: 'terminated', got: await inner.terminate() });
    else if (message === 'end outside') process.exit();
    else inner.postMessage(message);
  });
`;

const here = (locks) => {
  const { tell, until, heard } = hearing();
  return { say: locker(locks, tell), until, heard };
};

const there = async (worker) => {
  const { tell, until, heard } = hearing();
  worker.on('message', tell);
  const place = await until('ready', 'got');
  return { worker, say: (message) => worker.postMessage(message), until, heard, place };
};

const end = async (...those) => {
  for (const { worker, say } of those) {
    say('end');
    await exitOf(worker);
  }
};

test('they are there where Node has them', (t) => {
  const { locks } = require('../../worker_threads.js');
  t.is(locks, nodes.locks);
});

rule('a lock that is held in one place is waited for in another, and has its turn', async (t, { begin, locks }) => {
  const main = here(locks);
  const [one, other] = await Promise.all([there(begin(LOCKER)), there(begin(LOCKER))]);
  one.say({ take: 1 });
  t.deepEqual(await one.until(1, 'got'), HELD);
  main.say({ take: 'no', options: { ifAvailable: true } });
  t.is(await main.until('no', 'got'), null);
  t.is(await main.until('no', 'settled'), null);
  other.say({ take: 'no', options: { ifAvailable: true } });
  t.is(await other.until('no', 'got'), null);
  t.is(await other.until('no', 'settled'), null);
  main.say({ take: 2 });
  other.say({ take: 3 });
  other.say({ query: 'asked' });
  t.is((await other.until('asked', 'settled')).pending.length, 1);
  t.is(main.heard.length + other.heard.length, 0);
  one.say({ give: 1, value: { done: 1 } });
  t.deepEqual(await one.until(1, 'settled'), { done: 1 });
  t.deepEqual(await main.until(2, 'got'), HELD);
  t.is(other.heard.length, 0);
  main.say({ give: 2, value: 'by main' });
  t.is(await main.until(2, 'settled'), 'by main');
  t.deepEqual(await other.until(3, 'got'), HELD);
  other.say({ give: 3 });
  await other.until(3, 'settled');
  // Whoever hears that it was given back finds it free.
  one.say({ take: 'free', options: { ifAvailable: true } });
  t.deepEqual(await one.until('free', 'got'), HELD);
  await end(one, other);
}, kinds);

rule('so it is in threads and in workers of workers', async (t, { begin, locks, options }) => {
  const main = here(locks);
  const inners = await Promise.all([options, ...KINDS_WITHIN].map((kind) => there(begin(within(kind)))));
  for (const [index, inner] of inners.entries()) {
    inner.say({ take: index });
    t.deepEqual(await inner.until(index, 'got'), HELD);
    const next = inners[index + 1] ?? main;
    next.say({ take: 'no', options: { ifAvailable: true } });
    t.is(await next.until('no', 'got'), null);
    main.say({ take: index });
    inner.say({ give: index });
    t.deepEqual(await main.until(index, 'got'), HELD);
    main.say({ give: index });
    await main.until(index, 'settled');
  }
  for (const { worker, say } of inners) {
    say('end outside');
    await exitOf(worker);
  }
}, kinds);

rule('shared ones are held together, and an exclusive one waits for all', async (t, { begin, locks }) => {
  const main = here(locks);
  const one = await there(begin(LOCKER));
  const options = { mode: 'shared' };
  main.say({ take: 1, options: { ...options } });
  one.say({ take: 1, options });
  t.deepEqual(await main.until(1, 'got'), ['a lock', 'shared', '[object Lock]']);
  t.deepEqual(await one.until(1, 'got'), ['a lock', 'shared', '[object Lock]']);
  one.say({ take: 2 });
  main.say({ give: 1 });
  await main.until(1, 'settled');
  one.say({ query: 'now' });
  await one.until('now', 'settled');
  t.is(one.heard.length, 0);
  one.say({ give: 1 });
  t.deepEqual(await one.until(2, 'got'), HELD);
  await end(one);
}, kinds);

rule('who is stolen from hears it at once, wherever it is', async (t, { begin, locks }) => {
  const main = here(locks);
  const [one, other] = await Promise.all([there(begin(LOCKER)), there(begin(LOCKER))]);
  const order = [one, other, one, main];
  let before = null;
  for (const [index, place] of order.entries()) {
    place.say({ take: index, options: { steal: true } });
    t.deepEqual(await place.until(index, 'got'), HELD);
    if (before !== null) t.is(await before.until(index - 1, 'failed'), 'AbortError: The operation was aborted');
    before = place;
  }
  // What the robbed give back was theirs no more.
  one.say({ give: 0 });
  one.say({ take: 'no', options: { ifAvailable: true } });
  t.is(await one.until('no', 'got'), null);
  main.say({ give: 3, value: 'the last' });
  t.is(await main.until(3, 'settled'), 'the last');
  await end(one, other);
}, processes);

rule('where the main program has no other threads, its own locks can be stolen, too', (t) => {
  const program = `
    const { Worker, locks } = require(${JSON.stringify(path.join(__dirname, '..', '..', 'worker_threads.js'))});
    locks.request('a lock', () => new Promise(() => {})).catch(({ name }) => console.log(name));
    new Worker("require('worker_threads').locks.request('a lock', { steal: true }, () => console.log('stolen'))", { eval: true, process: true });
  `;
  const lines = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim().split('\n');
  t.deepEqual(lines.sort(), ['AbortError', 'stolen']);
}, processes);

rule("from a thread of the main program nobody can steal, and it does no harm to try", async (t, { begin }) => {
  const { Worker } = require('../../worker_threads.js');
  const thread = await there(new Worker(PRELUDE + LOCKER, { eval: true }));
  ended.set(thread.worker, once(thread.worker, 'exit'));
  const [one, other] = await Promise.all([there(begin(LOCKER)), there(begin(LOCKER))]);
  thread.say({ take: 1 });
  await thread.until(1, 'got');
  one.say({ take: 1, options: { steal: true } });
  t.regex(await one.until(1, 'failed'), /^NotSupportedError: Node\.js cannot steal from another thread/);
  thread.say({ give: 1, value: 'still its own' });
  t.is(await thread.until(1, 'settled'), 'still its own');
  one.say({ take: 2, options: { steal: true } });
  t.deepEqual(await one.until(2, 'got'), HELD);
  other.say({ take: 2, options: { steal: true } });
  t.deepEqual(await other.until(2, 'got'), HELD);
  t.is(await one.until(2, 'failed'), 'AbortError: The operation was aborted');
  thread.say({ take: 2 });
  other.say({ give: 2 });
  t.deepEqual(await thread.until(2, 'got'), HELD);
  await end(one, other, thread);
}, processes);

rule('who waits with a signal can give up, and the lock goes to the next', async (t, { begin, locks }) => {
  const main = here(locks);
  const one = await there(begin(LOCKER));
  main.say({ take: 1 });
  await main.until(1, 'got');
  one.say({ take: 2, abortable: true });
  one.say({ take: 3, abortable: true });
  one.say({ abort: 2 });
  t.is(await one.until(2, 'failed'), 'AbortError: This operation was aborted');
  main.say({ give: 1 });
  t.deepEqual(await one.until(3, 'got'), HELD);
  one.say({ abort: 3 }); // too late
  one.say({ give: 3, value: 'kept' });
  t.is(await one.until(3, 'settled'), 'kept');
  t.deepEqual(one.heard, []);
  await end(one);
}, kinds);

for (const death of ['end', 'terminate', 'crash']) {
  rule(`what a worker held is given back when it has ended: ${death}`, async (t, { begin, locks }) => {
    const main = here(locks);
    const [one, other] = await Promise.all([there(begin(LOCKER)), there(begin(LOCKER))]);
    one.worker.on('error', () => {});
    one.say({ take: 1 });
    await one.until(1, 'got');
    one.say({ take: 'shared too', name: 'another', options: { mode: 'shared' } });
    await one.until('shared too', 'got');
    other.say({ take: 2 });
    other.say({ query: 'asked' });
    await other.until('asked', 'settled');
    main.say({ take: 3 });
    if (death === 'terminate') one.worker.terminate();
    else one.say(death);
    await exitOf(one.worker);
    main.say({ take: 'free', name: 'another', options: { ifAvailable: true } });
    t.deepEqual(await main.until('free', 'got'), ['another', 'exclusive', '[object Lock]'], 'who knows that it has ended finds it free');
    main.say({ give: 'free' });
    t.deepEqual(await other.until(2, 'got'), HELD);
    other.say({ give: 2 });
    t.deepEqual(await main.until(3, 'got'), HELD);
    main.say({ give: 3 });
    await main.until(3, 'settled');
    await end(other);
  }, death === 'crash' ? processes : ours);
}

rule('who ends while it waits, or while its request is on the way, gets nothing', async (t, { begin, locks }) => {
  const main = here(locks);
  main.say({ take: 1 });
  await main.until(1, 'got');
  const one = await there(begin(LOCKER));
  one.say({ take: 2 });
  one.say({ query: 'asked' });
  await one.until('asked', 'settled');
  const rash = begin("wt.locks.request('a lock', () => new Promise(() => {})); process.exit();");
  await Promise.all([exitOf(rash), one.worker.terminate()]);
  const other = await there(begin(LOCKER));
  other.say({ take: 3 });
  main.say({ give: 1 });
  t.deepEqual(await other.until(3, 'got'), HELD);
  await end(other);
}, ours);

rule('a thread of a worker gives back what it held, too', async (t, { begin, locks, options }) => {
  for (const kind of [options, ...KINDS_WITHIN]) {
    const main = here(locks);
    const inner = await there(begin(within(kind)));
    inner.say({ take: 1 });
    await inner.until(1, 'got');
    main.say({ take: 2 });
    inner.say('terminate');
    t.deepEqual(await main.until(2, 'got'), HELD);
    main.say({ give: 2 });
    await main.until(2, 'settled');
    inner.say('end outside');
    await exitOf(inner.worker);
  }
}, ours);

rule('query() has what this thread holds and waits for, under its own name', async (t, { begin, locks }) => {
  const main = here(locks);
  const one = await there(begin(LOCKER));
  const other = await there(begin(within({ process: false })));
  main.say({ take: 1, options: { mode: 'shared' } });
  await main.until(1, 'got');
  for (const place of [one, other]) {
    const [pid, id] = place.place;
    const clientId = `node-${pid}-${id >= 2 ** 22 ? Math.floor(id / 2 ** 23) : id}`;
    place.say({ take: 1, options: { mode: 'shared' } });
    place.say({ take: 2 });
    place.say({ query: 'all' });
    t.deepEqual(await place.until('all', 'settled'), {
      held: [{ name: 'a lock', mode: 'shared', clientId }], pending: [{ name: 'a lock', mode: 'exclusive', clientId }],
    });
    place.say({ give: 1 });
    await place.until(1, 'settled');
    main.say({ give: 1 });
    await place.until(2, 'got');
    main.say({ take: 1, options: { mode: 'shared' } });
    place.say({ give: 2 });
    await main.until(1, 'got');
    place.say({ query: 'nothing' });
    t.deepEqual(await place.until('nothing', 'settled'), { held: [], pending: [] });
  }
  main.say({ give: 1 });
  await end(one);
  other.say('end outside');
  await exitOf(other.worker);
}, kinds);

rule('neither a lock that is held nor one that is waited for keeps a worker; one that is free is had before it ends', async (t, { begin, locks }) => {
  const main = here(locks);
  main.say({ take: 1 });
  await main.until(1, 'got');
  for (const [source, said] of [
    ["wt.locks.request('a lock', () => {});", []],
    ["wt.locks.request('free', () => { wt.parentPort.postMessage('held'); return new Promise(() => {}); });", ['held']],
    ["wt.locks.request('free', () => { wt.parentPort.postMessage('held'); return 1; }).then((value) => wt.parentPort.postMessage(value));", ['held', 1]],
    ["wt.locks.request('a lock', { ifAvailable: true }, (lock) => lock).then((value) => wt.parentPort.postMessage(value));", [null]],
    ["wt.locks.query().then(({ held }) => wt.parentPort.postMessage(held.length));", [0]],
  ]) {
    const worker = begin(source);
    const heard = [];
    worker.on('message', (message) => heard.push(message));
    t.is(await exitOf(worker), 0);
    t.deepEqual(heard, said, source);
  }
  main.say({ give: 1 });
  await main.until(1, 'settled');
}, kinds);

/** What can be asked wrongly, and how it looks. Of a callback that throws at once Node keeps the lock: 'thrown' is not used again. */
const LOOKS = `
  const calls = [
    () => [], () => ['name'], () => [Symbol('name'), () => {}], () => [{ toString() { throw new RangeError('name'); } }, () => {}],
    () => ['name', {}, 'no function'], () => ['name', null, () => 'null is none'], () => ['name', 5, () => {}], () => ['name', () => 'in place of options'],
    () => ['name', { mode: 'other' }, () => {}], () => ['name', { mode: Symbol('s') }, () => {}], () => ['name', { mode: undefined }, ({ mode }) => mode],
    () => ['name', { mode: { toString: () => 'shared' } }, ({ mode }) => mode], () => ['-name', () => {}], () => ['', ({ name }) => name], () => [undefined, ({ name }) => name],
    () => ['name', { steal: true, ifAvailable: true }, () => {}], () => ['name', { steal: 1, mode: 'shared' }, () => {}],
    () => ['name', { signal: null }, () => {}], () => ['name', { signal: {} }, () => {}], () => ['name', { signal: () => {} }, () => {}],
    () => ['name', { signal: AbortSignal.abort('the reason') }, () => {}], () => ['name', { signal: AbortSignal.abort() }, () => {}],
    () => ['-name', { signal: AbortSignal.abort('before the name') }, () => {}], () => ['-name', { mode: 'before the name' }, () => {}],
    () => ['name', { signal: new AbortController().signal, steal: true }, () => {}], () => ['name', { signal: new AbortController().signal, ifAvailable: true }, () => {}],
    () => ['name', { signal: new AbortController().signal }, () => 'with a signal'],
    () => ['thrown', () => { throw new SyntaxError('thrown'); }], () => ['name', async () => { throw 'a string'; }], () => ['name', () => ({ then: (f) => f('thenable') })],
    () => ['name', { get mode() { throw new EvalError('getter'); } }, () => {}], () => ['name', { ifAvailable: true }, (lock) => Object.prototype.toString.call(lock)],
    () => ['name', (lock) => [lock.constructor.name, Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(lock))), Object.prototype.toString.call(lock)]],
    () => ['name', async (lock) => { try { new lock.constructor(); } catch ({ name }) { return name; } }], () => ['name', async (lock) => { try { return Object.getPrototypeOf(lock).name; } catch ({ name }) { return name; } }],
    () => ['name', async () => (await wt.locks.query()).held.filter(({ name }) => name === 'name').length],
  ];
  (async () => {
    const { locks } = wt;
    const told = [];
    for (const call of calls) {
      try {
        told.push([await locks.request(...call())]);
      } catch (error) {
        told.push(error instanceof Error || error instanceof DOMException ? [error.constructor.name, error.name, error.code, error.message] : ['thrown', error]);
      }
    }
    const prototype = Object.getPrototypeOf(locks);
    for (const name of ['request', 'query']) {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(prototype, name);
      told.push([name, flags, value.length, value.name, value.constructor.name]);
    }
    told.push(await locks.query.call({}).catch(({ code }) => code), String(locks), locks.constructor.name, require('node:util').inspect(locks));
    told.push([globalThis.navigator.locks === locks, require('worker_threads').locks === locks, locks instanceof locks.constructor]);
    const promise = locks.request('name', () => {});
    await promise;
    const { held, pending } = await locks.query();
    told.push(promise instanceof Promise, held.filter(({ name }) => name === 'name'), pending);
    const seen = [];
    for (const what of ['start', 'grant', 'miss', 'end']) require('node:diagnostics_channel').subscribe('locks.request.' + what, ({ error, ...rest }) => seen.push([what, rest, error?.message]));
    await locks.request('seen', () => locks.request('seen', { ifAvailable: true, mode: 'shared' }, () => {}));
    await locks.request('seen', async () => { throw new Error('seen'); }).catch(() => {});
    const storage = new (require('node:async_hooks').AsyncLocalStorage)();
    told.push(seen, await storage.run('context', () => locks.request('name', () => storage.getStore())));
    wt.parentPort.postMessage(told);
  })();
`;

if (kinds.length > 0) {
  test.serial('what is refused, and how it looks, is as with Node\'s own', async (t) => {
    t.timeout(30_000);
    const told = [];
    for (const { names, options } of Object.values(KINDS)) {
      const worker = new names.Worker(PRELUDE + LOOKS, { eval: true, ...options });
      const exit = once(worker, 'exit');
      told.push((await once(worker, 'message'))[0]);
      await exit;
    }
    t.true(told[0].length > 40);
    for (const other of told.slice(1)) t.deepEqual(other, told[0]);
  });
}
