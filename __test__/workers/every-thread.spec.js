// postMessageToThread from every thread of a family to every other, in whatever process and whoever has started it, and what
// becomes of it when somebody on the way has ended.
const path = require('node:path');
const nodes = require('node:worker_threads');
const { test } = require('../helpers/test.js');
const { Worker, postMessageToThread, threadId } = require('../../worker_threads.js');

const member = path.join(__dirname, '..', 'fixtures', 'family-member.js');
/** Node 20 has it since 20.19. */
const rule = 'postMessageToThread' in nodes ? test.serial : test.serial.skip;

const leaves = { thread: { process: false, children: {} }, process: { process: true, children: {} } };
const FAMILY = Object.fromEntries(['thread', 'process'].map((kind) => [kind, {
  process: kind === 'process',
  children: { thread: { process: false, children: leaves }, process: { process: true, children: leaves } },
}]));
const SIZE = 14;

const UNHEARD = 'ERR_WORKER_MESSAGING_FAILED';

/** Starts it, and waits for what all say of themselves. */
async function start(t, family, size) {
  t.timeout(60_000);
  const workers = {};
  const members = new Map();
  await new Promise((resolve, reject) => {
    for (const [name, { process: isProcess, children }] of Object.entries(family)) {
      const worker = new Worker(member, { process: isProcess, workerData: { name, children, main: threadId } });
      worker.on('error', reject);
      worker.on('message', (said) => {
        members.set(said.name, said);
        if (members.size === size) resolve();
      });
      workers[name] = worker;
    }
  });
  t.teardown(() => Promise.all(Object.values(workers).map((worker) => worker.terminate())));
  return { workers, members };
}

/** What the main program hears, until enough is there. */
function hear(t) {
  const heard = [];
  let look = () => {};
  const listener = (message, source) => {
    heard.push({ ...message, source });
    look();
  };
  process.on('workerMessage', listener);
  t.teardown(() => process.off('workerMessage', listener));
  return (isEnough) => new Promise((resolve) => {
    look = () => { if (isEnough(heard)) resolve(heard); };
    look();
  });
}

const became = (id, message) => postMessageToThread(id, message).then(() => 'delivered', ({ code }) => code);

rule('each reaches each, as soon as it knows of it', async (t) => {
  const { members } = await start(t, FAMILY, SIZE);
  const ids = [...members.values()].map((said) => said.threadId);
  t.is(new Set(ids).size, SIZE);
  const until = hear(t);
  for (const id of ids) await postMessageToThread(id, { all: ids });
  const pairs = SIZE * (SIZE - 1);
  const heard = await until((all) => all.filter(({ greeted }) => greeted !== undefined).length === SIZE && all.filter(({ of }) => of !== undefined).length === pairs);
  const met = heard.filter(({ of }) => of !== undefined);
  t.is(new Set(met.map(({ of, name }) => `${of} to ${name}`)).size, pairs);
  for (const { of, heard: from, name, source } of met) {
    t.is(from, members.get(of).threadId, `${of} is whom ${name} has heard`);
    t.is(source, members.get(name).threadId);
  }
});

rule('who has ended, or whose way there has, cannot be found', async (t) => {
  const { workers, members } = await start(t, FAMILY, SIZE);
  const { threadId: id, pid } = members.get('thread thread process');
  process.kill(pid, 'SIGKILL');
  t.is(await became(id, { hello: 'main' }), UNHEARD);
  const until = hear(t);
  const asked = ['process thread process', 'thread', 'process process', 'thread process', 'thread thread thread', 'process process thread'];
  for (const [index, name] of asked.entries()) {
    t.is(await became(members.get(name).threadId, { to: id }), 'delivered');
    const all = await until((heard) => heard.length > index);
    t.is(all[index].became, UNHEARD, name);
  }
  // All that a process, or a thread, has started goes with it. (Of a thread of a thread Node does not hear that.)
  const outside = members.get('process').threadId;
  await workers.thread.terminate();
  for (const name of ['thread', 'thread process', 'thread process process', 'thread process thread']) {
    t.is(await became(members.get(name).threadId, { hello: 'main' }), UNHEARD, name);
  }
  t.is(await became(outside, { to: members.get('thread process').threadId }), 'delivered');
  t.is((await until((heard) => heard.length > asked.length))[asked.length].became, UNHEARD);
  process.kill(members.get('process process').pid, 'SIGKILL');
  for (const name of ['process process', 'process process process', 'process process thread']) {
    t.is(await became(members.get(name).threadId, { hello: 'main' }), UNHEARD, name);
  }
  t.is(await became(members.get('process thread process').threadId, { hello: 'main' }), 'delivered');
});

rule('what waits at somebody who ends is answered, too', async (t) => {
  const { workers, members } = await start(t, FAMILY, SIZE);
  // A thread that is busy stands before one process, and one that is stopped before another.
  const until = hear(t);
  postMessageToThread(workers.thread.threadId, { spin: true }).catch(() => {});
  await until((heard) => heard.length === 1);
  const { pid } = members.get('process process');
  process.kill(pid, 'SIGSTOP');
  const waiting = ['thread process', 'thread process thread', 'process process', 'process process thread', 'process process process']
    .map((name) => became(members.get(name).threadId, { hello: 'main' }));
  t.is(await became(members.get('process thread process').threadId, { hello: 'main' }), 'delivered');
  process.kill(pid, 'SIGKILL');
  await workers.thread.terminate();
  t.deepEqual(await Promise.all(waiting), waiting.map(() => UNHEARD));
});
